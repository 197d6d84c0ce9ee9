import type { PipelineResult } from '@ctxlock/ace-validators'
import type { AceError, CallInput } from '@ctxlock/contracts/guards'
import { canonicalReferenceId, pathOfSourceId } from '@ctxlock/contracts/references'
import { canonicalHash, textHash } from '@ctxlock/core-hash'

import { CommandError } from '../../command-error.ts'
import { EXIT_CODE, type ExitCode } from '../../exit-code.ts'
import type { Session } from '../../session/session.ts'
import { NOT_EXPORTABLE_HINT } from '../context/exportable-evidence.ts'
import { callEventBase } from '../event-base.ts'
import { violationEvent } from '../violation-event.ts'
import type { GuardRunInput } from './guard-run-input.ts'

/** Poisons the job; returns when nothing of it is active any more. */
export type PoisonTrap = (result: PipelineResult, snapshotId: string | null) => Promise<void>

interface Refused {
  readonly result: PipelineResult
  readonly snapshotId: string | null
  readonly trap: PoisonTrap
  /** What the hook over the whole call was given. */
  readonly judgedCall: CallInput | undefined
}

/**
 * Records what the guards found and ends the call: poisoned, stale or refused, by the first error in guard order. `trap` is
 * where every detection ends (VAL-068).
 */
export async function refuseCall(
  session: Session,
  input: GuardRunInput,
  { result, snapshotId, trap, judgedCall }: Refused,
): Promise<never> {
  const [first] = result.errors
  if (!first) throw new TypeError('a refusal has an error')
  if (result.decision === 'poison') {
    await trap(result, snapshotId)
    throw poisoned(result, input.ids.runId)
  }
  for (const violation of result.violations) recordViolation(session, input, { first, violation, snapshotId, result })
  const unexportable = judgedCall ? unexportablePaths(result.errors, judgedCall) : []
  if (unexportable.length > 0) throw notExportable(unexportable, result.errors)
  throw new CommandError({
    exit: exitOf(first),
    code: first.code,
    message: `${first.guard} refused the call: ${describe(first)}${result.errors.length > 1 ? ` (and ${result.errors.length - 1} more)` : ''}`,
    hint:
      exitOf(first) === EXIT_CODE.stale
        ? 'Run `ctxlock check` to see what changed. Nothing was sent.'
        : 'Nothing was sent.',
    details: { errors: result.errors },
  })
}

/** Ids and hashes, no text. */
function recordViolation(
  session: Session,
  { subject, ids }: GuardRunInput,
  found: {
    readonly first: AceError
    readonly violation: PipelineResult['violations'][number]
    readonly snapshotId: string | null
    readonly result: PipelineResult
  },
): void {
  const { first, violation, snapshotId, result } = found
  const contents = result.matches.flatMap(({ members }) => members.map(({ content_hash }) => content_hash)).toSorted()
  session.recorder.record(
    violationEvent(session, callEventBase(ids, subject), {
      violation_type: violation,
      severity: 'high',
      guard: first.guard,
      error_code: first.code,
      action_taken: 'blocked',
      job_state_to: 'failed',
      subject_refs: [canonicalHash([first.code, first.details])],
      context_snapshot_id: snapshotId,
      idempotency_key: canonicalHash([ids.jobId, violation, first.guard, contents]),
    }),
  )
}

/**
 * Errors hash what they are about, because a path may itself be what must not leave (VAL-029). The person at this machine is
 * told by name, if that is all that is wrong.
 */
function unexportablePaths(errors: readonly AceError[], { trace, envelope }: CallInput): string[] {
  if (!errors.every(({ details }) => details['reason'] === 'not_exportable')) return []
  const items = new Set(errors.map(({ details }) => details['item']))
  const blocks = [...envelope.stable_prefix.blocks, ...envelope.variable_suffix.blocks]
  const refs = [...(trace?.selected.map(({ ref }) => ref) ?? []), ...blocks.flatMap(({ source_refs }) => source_refs)]
  const paths = refs.flatMap((ref) => {
    const path = pathOfSourceId(ref.id)
    const isMeant = items.has(textHash(canonicalReferenceId({ kind: 'source_ref', ref })))
    return path !== undefined && isMeant ? [path] : []
  })
  return [...new Set(paths)].toSorted()
}

function notExportable(paths: readonly string[], errors: readonly AceError[]): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'CloudLeakageBlocked',
    message: `CloudLeakageGuard refused the call: ${paths.join(', ')} would go to a cloud model, and \`sources.exportable\` does not name it`,
    hint: NOT_EXPORTABLE_HINT,
    details: { errors },
  })
}

function exitOf({ code }: AceError): ExitCode {
  return code === 'ContextPackStale' || code === 'IndexDrift' || code === 'SnapshotMutated'
    ? EXIT_CODE.stale
    : EXIT_CODE.refused
}

function describe({ code, details }: AceError): string {
  const facts = Object.entries(details).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') : String(value)}`,
  )
  return [code, ...facts].join('; ')
}

function poisoned({ errors, matches }: PipelineResult, runId: string): CommandError {
  const found = matches.slice(0, 4).map(({ pattern_id, view_id }) => `${pattern_id} in view ${view_id}`)
  return new CommandError({
    exit: EXIT_CODE.poisoned,
    code: 'PromptInjectionDetected',
    message: `the job is poisoned: ${found.join(', ')} in the sources that were retrieved`,
    hint: `Nothing was sent and the job is final. ${nextStep(matches, runId)}`,
    details: { errors, matches },
  })
}

/** A pattern in a context pack has no candidate that could be named. */
function nextStep(matches: PipelineResult['matches'], runId: string): string {
  const ids = matches.flatMap(({ members }) => members.flatMap(({ candidate_id }) => candidate_id ?? []))
  if (ids.length === 0) return 'Exclude the file in the config, or ask again with other sources.'
  const without = [...new Set(ids)].map((id) => ` --without ${id.slice(0, 12)}`).join('')
  return `Exclude the file in the config, or call again without it: \`ctxlock rerun ${runId.slice(0, 8)}${without}\`.`
}
