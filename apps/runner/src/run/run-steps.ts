import { openEngine } from '@ctxlock/durable-engine'
import { canonicalHash } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import type { GovernedCall } from '../governed-call/governed-call.ts'
import { exitOfCall } from '../output/call-result.ts'
import type { Session } from '../session/session.ts'

/** Changes when runs of an earlier version can no longer be gone on with. */
const VERSION = '1.0'

export interface RunSteps {
  /** Makes the call unless an earlier process finished it; its stored result counts then. */
  once(subject: CallSubject, call: () => Promise<GovernedCall>): Promise<void>
  /** Closes the run; the worst of its exit codes. */
  finish(): ExitCode
  readonly finishedBefore: readonly { readonly mtId: string; readonly callId: string }[]
}

/**
 * The micro-tasks of one run as durable steps: a run that was killed goes on where it was, with the same task only. With the
 * session of a job, a step is on record only if the job may still change something when the step ends.
 */
export function openRunSteps(
  session: Session,
  run: {
    readonly command: string
    readonly runId: string
    readonly resumed: boolean
    readonly subjects: readonly CallSubject[]
  },
): RunSteps {
  const engine = openEngine({ database: session.state.database, clock: session.environment.clock })
  if (run.resumed && engine.getRun(run.runId)?.workflow !== run.command) throw unknownRun(run.runId)
  engine.startRun(run.runId, run.command, VERSION, { subjects: run.subjects.map(subjectHash) })
  const finishedBefore: { mtId: string; callId: string }[] = []
  const degraded: boolean[] = []
  const failed: boolean[] = []

  return {
    finishedBefore,
    async once(subject, call) {
      const mtId = subject.definition.mt_id
      let calledNow = false
      const result = await engine.step(run.runId, mtId, { subject: subjectHash(subject) }, async () => {
        calledNow = true
        const made = await call()
        const exit = exitOfCall(made)
        // A micro-task whose quotations failed is not finished: going on with the run tries it again.
        if (exit === EXIT_CODE.verificationFailed && run.command === 'run') throw unsupported(mtId, run.runId)
        return { call_id: made.ids.callId, exit }
      })
      const { callId, exit } = readResult(result)
      if (!calledNow) finishedBefore.push({ mtId, callId })
      degraded.push(exit === EXIT_CODE.degraded)
      failed.push(exit === EXIT_CODE.verificationFailed)
    },
    finish() {
      const exit = failed.includes(true)
        ? EXIT_CODE.verificationFailed
        : degraded.includes(true)
          ? EXIT_CODE.degraded
          : EXIT_CODE.done
      engine.finishRun(run.runId, { state: 'completed', result: { exit } })
      return exit
    },
  }
}

function unknownRun(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'RUN_UNKNOWN',
    message: `--resume expects the whole id of a recorded run; ${runId === '' ? 'an empty id' : runId} is none`,
    hint: 'The id is printed when a run starts.',
  })
}

function subjectHash({ role, wpId, definition, scope, question }: CallSubject): string {
  return canonicalHash({ role, wpId, definition, scope, question })
}

/** The state folder can be written by others, so a stored result is checked like any input. */
function readResult(result: unknown): { readonly callId: string; readonly exit: unknown } {
  if (
    typeof result === 'object' &&
    result !== null &&
    'call_id' in result &&
    typeof result.call_id === 'string' &&
    'exit' in result
  ) {
    return { callId: result.call_id, exit: result.exit }
  }
  throw new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'STEP_DAMAGED',
    message: 'a stored step result is damaged',
    hint: 'Run `ctxlock verify`.',
  })
}

function unsupported(mtId: string, runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'QUOTATIONS_FAILED',
    message: `a quotation in the answer to ${mtId} does not stand in its file`,
    hint: `Go on with \`ctxlock run --resume ${runId} <task file>\`; finished micro-tasks are not repeated.`,
  })
}
