import type { RunInfo, WorkflowDefinition } from '@ctxlock/contracts/engine'
import type { JsonValue } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import { subjectHash, type CallSubject } from '../governed-call/call-subject.ts'
import type { GovernedCall } from '../governed-call/governed-call.ts'
import { exitOfCall } from '../output/call-result.ts'
import type { Session } from '../session/session.ts'
import type { Job } from './job.ts'
import { notCompleted, playWorkflow } from './play-workflow.ts'

/** Changes when runs of an earlier version can no longer be gone on with. */
const VERSION = '2.0'

export interface StepsRun {
  readonly command: string
  readonly runId: string
  readonly resumed: boolean
  readonly job: Job
  readonly subjects: readonly CallSubject[]
  /** Makes the call of a micro-task that no earlier process finished. */
  call(subject: CallSubject): Promise<GovernedCall>
}

export interface PlayedSteps {
  /** The worst of its exit codes. */
  readonly exit: ExitCode
  readonly finishedBefore: readonly { readonly mtId: string; readonly callId: string }[]
}

/**
 * Plays the micro-tasks of one run as durable steps: a run that was killed or failed goes on where it was, with the same task only.
 * A step is on record only if the job may still change something when the step ends.
 */
export async function playSteps(session: Session, run: StepsRun): Promise<PlayedSteps> {
  const { runId, resumed, job, subjects } = run
  const calls = callsOf(run)
  const input = { subjects: subjects.map(subjectHash) }
  const ended = await playWorkflow(session, { runId, resumed, job, workflow: calls.workflow, input })
  if (ended.state !== 'completed') throw calls.thrown() ?? notCompleted(ended)
  return playedSteps(run, calls.madeNow, ended)
}

/** One step for each subject, in order; its result is the call's id and exit code. */
function callsOf({ command, subjects, call }: StepsRun) {
  const byHash = new Map(subjects.map((subject) => [subjectHash(subject), subject]))
  const madeNow = new Set<string>()
  let thrown: unknown

  async function make(hash: JsonValue): Promise<JsonValue> {
    const subject = typeof hash === 'string' ? byHash.get(hash) : undefined
    if (!subject) throw new Error('Expected a step about a subject of this run.')
    const { mt_id: mtId } = subject.definition
    const made = await call(subject)
    madeNow.add(mtId)
    return { call_id: made.ids.callId, exit: exitOfCall(made) }
  }

  const workflow: WorkflowDefinition = {
    name: command,
    version: VERSION,
    activities: {
      call: {
        async run(hash) {
          try {
            return await make(hash)
          } catch (error) {
            // The engine keeps what an error says; the command line also needs what it is.
            thrown = error
            throw error
          }
        },
      },
    },
    async run(context) {
      const results: JsonValue[] = []
      for (const subject of subjects)
        results.push(await context.step('call', subjectHash(subject), { key: subject.definition.mt_id }))
      return results
    },
  }
  return { workflow, madeNow, thrown: () => thrown }
}

function playedSteps({ subjects }: StepsRun, madeNow: ReadonlySet<string>, { result }: RunInfo): PlayedSteps {
  const results = (Array.isArray(result) ? result : []).map(readResult)
  if (results.length !== subjects.length) throw damaged()
  const exits = results.map(({ exit }) => exit)
  const exit = [EXIT_CODE.verificationFailed, EXIT_CODE.degraded].find((code) => exits.includes(code))
  const named = subjects.map(({ definition }, index) => ({
    mtId: definition.mt_id,
    callId: results[index]?.callId ?? '',
  }))
  return { exit: exit ?? EXIT_CODE.done, finishedBefore: named.filter(({ mtId }) => !madeNow.has(mtId)) }
}

/** The state folder can be written by others, so a stored result is checked like any input. */
function readResult(result: JsonValue): { readonly callId: string; readonly exit: unknown } {
  if (typeof result === 'object' && result !== null && !Array.isArray(result) && typeof result['call_id'] === 'string')
    return { callId: result['call_id'], exit: result['exit'] }
  throw damaged()
}

function damaged(): CommandError {
  return new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'STEP_DAMAGED',
    message: 'a stored step result is damaged',
    hint: 'Run `ctxlock verify`.',
  })
}
