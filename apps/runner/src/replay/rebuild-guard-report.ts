import type { GuardReport } from '@ctxlock/contracts/guards'
import { fileSourceId, pathOfSourceId } from '@ctxlock/contracts/references'
import { replayPacks } from '@ctxlock/freshness-guard'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import type { CompiledContext } from '../governed-call/context/compile-context.ts'
import { guardInputs, type JudgedPacks } from '../governed-call/guards/guard-inputs.ts'
import type { CalledModel } from '../governed-call/identify.ts'
import type { RecordedCall } from './recorded-call.ts'
import type { ReplaySession } from './replay-session.ts'

interface JudgedReplay {
  readonly subject: CallSubject
  readonly called: CalledModel
  readonly context: CompiledContext
}

type Verdicts = Omit<GuardReport, 'guards' | 'drift_flags'> & {
  readonly guards: Readonly<Record<string, { readonly verdict: string; readonly code?: string }>>
}

/**
 * Asks the guards again about the call as it was rebuilt, at the time at which it was made, and compares what they said last in each
 * hook. Decisions about packs are those of the record (FG-018). Left out are how long a guard took, the flags of indexes, which are
 * about sources that were not used, and the guard of caches: what a cache held is not on record.
 */
export async function rebuildGuardReport(
  session: ReplaySession,
  recorded: RecordedCall,
  { subject, called, context }: JudgedReplay,
): Promise<{ readonly recorded: readonly Verdicts[]; readonly rebuilt: readonly Verdicts[] }> {
  const { intent, call, guardReport, snapshot, trace, candidateList } = recorded
  const then = { ...session, timestamp: () => snapshot.created_at }
  const inputs = guardInputs(then, { subject, ids: { jobId: intent.job_id ?? call.job_id }, identified: called })
  const packs = recordedPacks(session, recorded)
  const judged = { ...context, retrieval: { ...context.retrieval, trace, candidateList } }
  const results = [
    await session.guards.plan(inputs.plan(context.plan)),
    await session.guards.trace(inputs.trace(context.plan, judged.retrieval, packs)),
    await session.guards.call(inputs.call(judged, packs)),
  ]
  const last = (hook: GuardReport['hook']) => guardReport.filter((report) => report.hook === hook).slice(-1)
  return {
    recorded: [...last('plan'), ...last('trace'), ...last('call')].map(verdictsOf),
    rebuilt: results.map(({ report }) => verdictsOf(report)),
  }
}

function verdictsOf({ hook, guards, model_tier, determinism_mode, degraded, guard_set_hash }: GuardReport): Verdicts {
  const compared = guards.filter(({ name }) => name !== 'CacheKeyGuard')
  return {
    hook,
    guards: Object.fromEntries(
      compared.map(({ name, verdict, code }) => [name, { verdict, ...(code !== undefined && { code }) }]),
    ),
    model_tier,
    determinism_mode,
    degraded,
    guard_set_hash,
  }
}

/** The packs the call used, as they are stored; those that a guard had taken out stay out. */
function recordedPacks(session: ReplaySession, { trace }: RecordedCall): JudgedPacks {
  const gone = new Set(trace.drift.filter(({ action }) => action === 'removed').map(({ candidate_id }) => candidate_id))
  const withdrawn = new Set(
    trace.candidates
      .filter(({ store, candidate_id }) => store === 'context_packs' && gone.has(candidate_id))
      .map(({ ref }) => ('id' in ref ? ref.id : '')),
  )
  const used = trace.context_pack_freshness.flatMap(({ effective_pack_payload_hash: hash }) => {
    if (hash === null) return []
    const record = session.packCache.findByPayload(hash)?.record
    if (!record) throw packGone(hash)
    const path = record.target.ref_type === 'source_ref' ? pathOfSourceId(record.target.ref.id) : undefined
    return path === undefined || withdrawn.has(fileSourceId(path)) ? [] : [{ path, record }]
  })
  return {
    used,
    verifier: () => (judged) => {
      replayPacks(judged.context_pack_freshness, (hash) => session.artifacts.get(hash))
      const isDegraded = judged.context_pack_freshness.some(({ outcome }) => outcome === 'degrade_and_fallback')
      return { verdict: isDegraded ? 'degrade' : 'pass', violations: [] }
    },
  }
}

function packGone(hash: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.stale,
    code: 'REPLAY_PACK_UNAVAILABLE',
    message: `the record of the context pack with the payload ${hash} is gone`,
    hint: 'Restore the state from a backup; newer versions of the pack have taken its place.',
  })
}
