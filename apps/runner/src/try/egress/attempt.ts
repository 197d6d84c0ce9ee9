import { canonicalHash } from '@ctxlock/core-hash'

import { EXIT_CODE } from '../../exit-code.ts'
import { asCommandError } from '../../failure/failure.ts'
import type { CallOptions } from '../../governed-call/call-options.ts'
import { syncWorkspaceIndex } from '../../governed-call/context/workspace-index.ts'
import { governedCall } from '../../governed-call/governed-call.ts'
import { inJob, startJob } from '../../run/job.ts'
import { questionSubject } from '../../run/question-subject.ts'
import { recordedRun } from '../../run/recorded-run.ts'
import { openSession, type Session } from '../../session/session.ts'
import type { ReceivedBody, Sink } from './sink.ts'
import { TRIAL_KEY, trialConfig, type TrialSettings } from './trial-config.ts'

/** What became of one call: what the sink received during it, and what refused it, if anything did. */
export interface Attempt {
  readonly received: readonly ReceivedBody[]
  readonly refusal: { readonly code: string; readonly message: string; readonly check: string | undefined } | undefined
}

export interface Trial {
  readonly root: string
  /** Gets the state; nothing is written to `root`. */
  readonly scratch: string
  readonly sink: Sink
  readonly signal: AbortSignal
}

export type TrialCall = Pick<CallOptions, 'person' | 'attachments'>

const QUESTION = 'What is this project about?'

/** Makes governed calls, one after the other in one job and session, as `ctxlock ask` would. */
export async function attemptCalls(
  { root, scratch, sink, signal }: Trial,
  settings: TrialSettings,
  calls: readonly ((session: Session) => TrialCall)[],
): Promise<Attempt[]> {
  const session = await openSession({
    root,
    stateRoot: scratch,
    variables: { ...process.env, [TRIAL_KEY.name]: TRIAL_KEY.value },
    override: trialConfig(sink.url, settings),
  })
  try {
    const attempts: Attempt[] = []
    await recordedRun(session, 'try', (ids) => {
      const subject = questionSubject(QUESTION, [], session.config)
      const job = startJob(session, canonicalHash(QUESTION), [ids.runId])
      return inJob(session, job, async () => {
        syncWorkspaceIndex(session, () => {})
        for (const call of calls) {
          const before = sink.received.length
          const { random } = session.environment
          const callIds = {
            ...ids,
            ...job,
            stepId: `try_${attempts.length + 1}`,
            traceId: random.uuid(),
            callId: random.uuid(),
          }
          const refusal = await refusalOf(() =>
            governedCall(session, subject, callIds, { stream: false, maxTokens: 100, signal, ...call(session) }),
          )
          signal.throwIfAborted()
          attempts.push({ received: sink.received.slice(before), refusal })
        }
        return EXIT_CODE.done
      })
    })
    return attempts
  } finally {
    await session.close()
  }
}

/** A call that was made is not refused, though a sink gives no answer. What poisons the job ends the trial. */
async function refusalOf(call: () => Promise<unknown>): Promise<Attempt['refusal']> {
  try {
    await call()
    return undefined
  } catch (error) {
    const { code, message, details, exit } = asCommandError(error)
    if (exit === EXIT_CODE.poisoned) throw error
    const check: unknown = details?.['check']
    return { code, message, check: typeof check === 'string' ? check : undefined }
  }
}
