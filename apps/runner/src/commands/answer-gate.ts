import { randomUUID } from 'node:crypto'

import type { GateAnswer } from '@ctxlock/contracts/micro-task-iteration'

import { CommandError } from '../command-error.ts'
import { personHere } from '../consent/person-id.ts'
import { gateOf } from '../executor/gate-refusal.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { OpenRuns } from '../run/open-runs.ts'
import { runPoisoned } from '../run/poisoned-run.ts'

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
