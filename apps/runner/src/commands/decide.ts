import { randomUUID } from 'node:crypto'

import type { GateAnswer } from '@ctxlock/contracts/micro-task-iteration'
import { openEngine } from '@ctxlock/durable-engine'

import { CommandError } from '../command-error.ts'
import { personHere } from '../consent/person-id.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { gateOf } from '../executor/gate-refusal.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { openStoredSession } from '../session/stored-session.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { resume, storedRequest } from './resume.ts'
import { workspaceOf } from './workspace-of.ts'

/** `ctxlock continue`, `skip` and `abort`: a person's decision at the gate a run waits at, and on with the run. */
export function decide(decision: GateAnswer['decision']) {
  return async ([name = '']: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> => {
    const root = workspaceOf(context)
    const { run_id } = storedRequest(root, name)
    await answerGate(root, run_id, decision)
    return resume([run_id], context)
  }
}

/** Kept before anything goes on: a process that dies right after leaves the decision behind. */
async function answerGate(root: string, runId: string, decision: GateAnswer['decision']): Promise<void> {
  const session = openStoredSession(root, process.env)
  const engine = openEngine({ database: session.state.database, environment: nodeEnvironment })
  try {
    const run = await engine.get(runId)
    const gate = run && gateOf(run)
    const answer: GateAnswer = { decision, by: personHere(), at: new Date().toISOString() }
    const signal = gate && (await engine.signal(runId, gate.key, answer, { idempotencyKey: randomUUID() }))
    if (signal?.accepted !== true) throw notWaiting(runId)
  } finally {
    await engine.close()
    session.close()
  }
}

function notWaiting(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'RUN_NOT_WAITING',
    message: `the run ${runId} waits at no gate`,
    hint: `Look at it with \`ctxlock status ${runId.slice(0, 8)}\`; a run that was interrupted goes on with \`ctxlock resume\`.`,
  })
}
