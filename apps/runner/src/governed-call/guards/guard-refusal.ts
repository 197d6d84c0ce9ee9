import type { PipelineResult } from '@ctxlock/ace-validators'
import type { AceError, CallInput } from '@ctxlock/contracts/guards'
import { canonicalReferenceId, pathOfSourceId } from '@ctxlock/contracts/references'
import { canonicalHash, textHash } from '@ctxlock/core-hash'

import { CommandError } from '../../command-error.ts'
import { EXIT_CODE, type ExitCode } from '../../exit-code.ts'
import { rerunCommand } from '../../run/poisoned-run.ts'
import type { Session } from '../../session/session.ts'
import type { CallIds } from '../call-subject.ts'
import { NOT_EXPORTABLE_HINT } from '../context/exportable-evidence.ts'
import { FAILED_CHECK, LAST_FAULT, PREVIOUS_OUTPUT } from '../context/prompt-blocks.ts'
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

const TOLD: ReadonlySet<string> = new Set([PREVIOUS_OUTPUT, LAST_FAULT, FAILED_CHECK])

const BOUNDARY_HINT =
  'Nothing was sent. A job keeps the policy, the scope and the tier it began with: put them back into the config, or start a new run.'
const SECRET_HINT =
  'Nothing was sent. Take the secret out of what would leave, or its file out of `sources.exportable`; or choose a local model.'

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
    throw poisoned(result, runOf(session, input.ids))
  }
  for (const violation of result.violations) recordViolation(session, input, { first, violation, snapshotId, result })
  const unexportable = judgedCall ? unexportablePaths(result.errors, judgedCall) : []
  if (unexportable.length > 0) throw notExportable(unexportable, result.errors)
  throw new CommandError({
    exit: exitOf(first),
    code: first.code,
    message: `${first.guard} refused the call: ${describe(first)}${result.errors.length > 1 ? ` (and ${result.errors.length - 1} more)` : ''}`,
    hint: hintOf(first),
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

function hintOf(error: AceError): string {
  if (exitOf(error) === EXIT_CODE.stale) return 'Run `ctxlock check` to see what changed. Nothing was sent.'
  if (error.details['reason'] === 'secret_in_content') return SECRET_HINT
  return error.code === 'JobBoundaryViolation' ? BOUNDARY_HINT : 'Nothing was sent.'
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

/** The run a person knows: a process that went on with it records as one of its own, and a child belongs to its parent's. */
function runOf({ jobs, runs }: Session, { jobId, parentJobId, runId }: CallIds): string {
  return jobs.runsOf(parentJobId ?? jobId).find((id) => runs.get(id) !== undefined) ?? runId
}

function poisoned({ errors, matches }: PipelineResult, runId: string): CommandError {
  const found = matches.slice(0, 4).map(({ pattern_id, view_id }) => `${pattern_id} in view ${view_id}`)
  const { place, next } = originOf(matches, runId)
  return new CommandError({
    exit: EXIT_CODE.poisoned,
    code: 'PromptInjectionDetected',
    message: `the job is poisoned: ${found.join(', ')} in ${place}`,
    hint: `Nothing was sent and the job is final. ${next}`,
    details: { errors, matches },
  })
}

/** Where the patterns stood, and what to do then. What the model said, or a check printed, is in no file and of that run alone. */
function originOf(
  matches: PipelineResult['matches'],
  runId: string,
): { readonly place: string; readonly next: string } {
  const members = matches.flatMap((match) => match.members)
  const ids = members.flatMap(({ candidate_id }) => candidate_id ?? [])
  if (members.every(({ block }) => TOLD.has(block))) {
    const printed = members.some(({ block }) => block === FAILED_CHECK)
    const place = printed ? 'what a failed check printed' : 'the last answer of the model'
    return { place, next: `Begin anew without it: \`${rerunCommand(runId, [])}\`.` }
  }
  const place = 'the sources that were retrieved'
  // A pattern in a context pack has no candidate that could be named.
  if (ids.length === 0) return { place, next: 'Exclude the file in the config, or ask again with other sources.' }
  return { place, next: `Exclude the file in the config, or call again without it: \`${rerunCommand(runId, ids)}\`.` }
}
