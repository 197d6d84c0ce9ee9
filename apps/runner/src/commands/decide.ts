import { randomUUID } from 'node:crypto'

import type { GateAnswer } from '@ctxlock/contracts/micro-task-iteration'

import { CommandError } from '../command-error.ts'
import { personHere } from '../consent/person-id.ts'
import { gateOf } from '../executor/gate-refusal.ts'
import { openRunControls } from '../executor/run-controls.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { runPoisoned } from '../run/poisoned-run.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { withRuns, type OpenRuns } from './open-runs.ts'
import { resume } from './resume.ts'
import { workspaceOf } from './workspace-of.ts'

/**
 * `ctxlock continue`, `skip` and `abort`: a person's decision at the gate a run waits at, and on with the run. While a process
 * works on the run, `skip` is heard there when its iteration is finished.
 */
export function decide(decision: GateAnswer['decision']) {
  return async ([name = '']: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> => {
    const { output } = context
    const decided = await withRuns(workspaceOf(context), async (runs) => {
      const { runId, state } = await runs.find(name)
      if (decision === 'skip' && state === 'running') {
        openRunControls(runs.session.state.database).ask(runId, 'skip')
        return { runId, goesOn: false }
      }
      await answerGate(runs, runId, decision)
      return { runId, goesOn: true }
    })
    if (decided.goesOn) return resume([decided.runId], context)
    output.result({ ok: true, run_id: decided.runId, requested: decision })
    output.line(`asked      ${decided.runId} skips its micro-task when the iteration is finished`)
    return EXIT_CODE.done
  }
}

/** Kept before anything goes on: a process that dies right after leaves it behind. Throws `RUN_NOT_WAITING`, `JOB_POISONED`. */
export async function answerGate(
  { engine, jobs }: Pick<OpenRuns, 'engine' | 'jobs'>,
  runId: string,
  decision: GateAnswer['decision'],
): Promise<void> {
  if (jobs.isPoisoned(runId)) throw runPoisoned(runId)
  const run = await engine.get(runId)
  const gate = run && gateOf(run)
  const answer: GateAnswer = { decision, by: personHere(), at: new Date().toISOString() }
  const signal = gate && (await engine.signal(runId, gate.key, answer, { idempotencyKey: randomUUID() }))
  if (signal?.accepted === true) return
  throw new CommandError({
    exit: EXIT_CODE.refused,
    code: 'RUN_NOT_WAITING',
    message: `the run ${runId} waits at no gate`,
    hint: `Look at it with \`ctxlock status ${runId.slice(0, 8)}\`; a run that was interrupted goes on with \`ctxlock resume\`.`,
  })
}
