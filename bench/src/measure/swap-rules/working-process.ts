import { openCallTurns } from '../../../../apps/runner/src/executor/call-turns.ts'
import { createModelSwapper, type ModelSwapper } from '../../../../apps/runner/src/executor/swap/model-swapper.ts'
import type { CallOptions } from '../../../../apps/runner/src/governed-call/call-options.ts'
import type { CallIds, CallSubject } from '../../../../apps/runner/src/governed-call/call-subject.ts'
import { syncWorkspaceIndex } from '../../../../apps/runner/src/governed-call/context/workspace-index.ts'
import { questionSubject } from '../../../../apps/runner/src/run/question-subject.ts'
import {
  governedCall,
  sendCall,
  type PreparedGovernedCall,
} from '../../../../apps/runner/src/governed-call/governed-call.ts'
import { gatedSession } from '../../../../apps/runner/src/session/gated-session.ts'
import { startJob } from '../../../../apps/runner/src/run/job.ts'
import { openSession } from '../../../../apps/runner/src/session/session.ts'
import type { ContextPackBinding } from '../../../../packages/contracts/src/packs.ts'
import { swapPolicyOf } from '../../../../packages/micro-task/src/index.ts'

/** As much as the loop shows of what came back before. */
const PREVIOUS_CHARACTERS = 800

/** What the work is, whatever process goes on with it. Kept here as the loop keeps it in its steps. */
export interface Work {
  readonly runId: string
  model: string
  step: number
  swaps: number
  /** What was answered so far, or what compacting left of it. */
  history: readonly string[]
  binding: ContextPackBinding | undefined
}

/** One process at work: it can be killed at any time, and another one goes on. */
export interface WorkingProcess {
  readonly swapper: ModelSwapper
  /** The bytes of the request of one governed call. */
  call(): Promise<Uint8Array>
  /** Why the last change of model did not come about. */
  lastReason(): unknown
  /** Everything it writes from now on fails. */
  kill(): Promise<void>
  close(): Promise<void>
}

export async function startProcess(root: string, work: Work): Promise<WorkingProcess> {
  const ungated = await openSession({ root, variables: { XDG_CONFIG_HOME: `${root}/.config-home` } })
  syncWorkspaceIndex(ungated, () => {})
  const job = startJob(ungated, '0'.repeat(64), [work.runId])
  const session = gatedSession(ungated, job.fence)
  const turns = openCallTurns(ungated, session.config.execution.scheduler)
  const { random } = ungated.environment
  const sessionId = random.uuid()
  const ended = new AbortController()
  const options: CallOptions = { stream: false, maxTokens: undefined, signal: ended.signal, inTurn: turns.inTurn }
  let prepared: PreparedGovernedCall | undefined

  const subjectFor = (modelId: string): CallSubject => ({
    ...questionSubject('How is the checksum of a box computed?', [], session.config),
    iteration: work.step + 1,
    attempt: {
      level: 0,
      modelId,
      localAttempts: work.step,
      lastError: undefined,
      context: `# Step ${work.step + 1}\n\nBy ${modelId}.`,
      previousOutput: work.history.length === 0 ? undefined : work.history.join('\n').slice(0, PREVIOUS_CHARACTERS),
      lastFault: undefined,
      failedCheck: undefined,
      cut: [],
      protocol: undefined,
    },
  })
  const ids = (): CallIds => ({
    ...job,
    runId: work.runId,
    sessionId,
    stepId: `MT-001_iter-${String(work.step + 1).padStart(3, '0')}`,
    traceId: random.uuid(),
    callId: random.uuid(),
  })
  const swapper = createModelSwapper({
    role: 'worker',
    session,
    ungated,
    runId: work.runId,
    ids: work,
    jobId: job.jobId,
    wpId: 'ask',
    policy: swapPolicyOf(session.config.execution.policy),
    scheduler: turns.scheduler,
    options,
    checkpoint: () => ({ run: work.runId, step: work.step, swaps: work.swaps, history: [...work.history] }),
    pendingCall: (modelId) => ({ subject: subjectFor(modelId), ids: ids() }),
    lastBinding: () => work.binding,
    onPrepared: (call) => (prepared = call),
  })

  return {
    swapper,
    lastReason() {
      const row = session.state.database
        .prepare('SELECT report FROM model_swap WHERE report IS NOT NULL ORDER BY rowid DESC LIMIT 1')
        .get()
      return row && JSON.parse(String(row['report'])).error?.reason
    },
    async call() {
      const ready = prepared
      prepared = undefined
      const again = work.binding && { rebinding: { previous: work.binding, reason: 'resume' as const } }
      const made = ready
        ? await sendCall(ungated, ready)
        : await governedCall(ungated, subjectFor(work.model), ids(), { ...options, ...again })
      if (made.failure) throw made.failure
      work.binding = made.bound.binding
      work.step += 1
      work.history = [...work.history, made.answer]
      return made.compiled.prepared.body
    },
    async kill() {
      turns.close()
      // A dead process has no timers either.
      await ungated.logSigner.close()
      ungated.state.close()
      ended.abort()
      await ungated.providers.close()
    },
    async close() {
      turns.close()
      await ungated.close()
    },
  }
}
