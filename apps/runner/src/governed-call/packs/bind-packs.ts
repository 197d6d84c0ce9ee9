import { assemblePacks, bindPacks as bind, openBoundPacks, PackError, type BuiltPair } from '@ctxlock/context-pack'
import type { ContextPackFreshnessRecord } from '@ctxlock/contracts/freshness'
import type { ContextPackBinding, RoleContextPack, WorkUnitContextPack } from '@ctxlock/contracts/packs'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { canonicalHash } from '@ctxlock/core-hash'

import { onceFor } from '../../session/remembered-values.ts'
import type { Session } from '../../session/session.ts'
import { storeRecord } from '../../session/store-record.ts'
import { governedPaths, type CallIds, type CallSubject } from '../call-subject.ts'
import { callEventBase } from '../event-base.ts'
import type { IdentifiedCall } from '../identify.ts'
import { refusing } from './binding-refusal.ts'
import { packsOf, rolePackOf, type PackedWork } from './build-packs.ts'
import type { PackShelf, PackWork } from './pack-shelf.ts'
import { storedBytes } from './stored-bytes.ts'

export interface BoundCall {
  readonly rolePack: RoleContextPack
  readonly workUnitPack: WorkUnitContextPack
  readonly binding: ContextPackBinding
  /** Where the binding itself is stored. */
  readonly artifact: ArtifactHandle
}

/** Why packs are bound again within a job, and the binding that held until now (CP-049). */
export interface Rebinding {
  readonly previous: ContextPackBinding
  readonly reason: Exclude<ContextPackBinding['reason'], 'job_start'>
  readonly swapRequestId?: string
  readonly cloudEscalationRequestId?: string
}

/**
 * Step 2: builds both packs and writes the binding before the first model call (CP-048). Within a job the packs of the previous
 * binding are what is requested: they are bound again when a rebuild gives the same, and may only be replaced by stricter ones.
 * Throws `PackError`, after its event is recorded.
 */
export function bindPacks(
  session: Session,
  subject: CallSubject,
  ids: CallIds,
  identified: IdentifiedCall,
  rebinding?: Rebinding,
): BoundCall {
  const { unsynced } = session.state
  const rebuilt = rebuild(session, subject)
  return refusing(session, subject, ids, () => {
    const bound = bind({
      job_id: ids.jobId,
      workflow_run_id: ids.runId,
      session_id: ids.sessionId,
      identity: identified.identity,
      provider_id: identified.provider.provider_id,
      clock: session.environment.clock,
      ...(rebinding ? requestedAgain(session, rebinding, rebuilt) : { reason: 'job_start', ...rebuilt }),
    })
    const artifact = unsynced(() => recordBinding(session, subject, ids, bound.binding))
    if (bound.status === 'rejected') {
      throw new PackError(bound.code, `The packs lost constraints: ${bound.weakened.join(', ')}.`)
    }
    return { ...bound.packs, binding: bound.binding, artifact }
  })
}

/** Each pack once for what decides about it, besides rules and config, which stay what they are while a session lasts. */
function rebuild(session: Session, subject: CallSubject): BuiltPair {
  const { memory, state } = session
  const redactor = session.redactor.version
  const { role, scope, wpId, definition }: PackedWork = subject
  return onceFor(memory.built, canonicalHash({ redactor, role, scope, wpId, definition }), () =>
    state.unsynced(() => {
      const paths = governedPaths(subject)
      const rolePack = onceFor(memory.rolePacks, canonicalHash({ redactor, role, paths }), () =>
        rolePackOf(session, role, paths),
      )
      return packsOf(session, subject, rolePack)
    }),
  )
}

function requestedAgain(session: Session, { previous, reason, ...requests }: Rebinding, rebuilt: BuiltPair) {
  const requested = openBoundPacks(previous, (hash) => storedBytes(session, hash))
  return {
    reason,
    ...assemblePacks(requested, rebuilt),
    requested: { rolePack: requested.rolePack.pack, workUnitPack: requested.workUnitPack.pack },
    previous_binding_id: previous.binding_id,
    ...(requests.swapRequestId !== undefined && { swap_request_id: requests.swapRequestId }),
    ...(requests.cloudEscalationRequestId !== undefined && {
      cloud_escalation_request_id: requests.cloudEscalationRequestId,
    }),
  }
}

function recordBinding(
  session: Pick<Session, 'artifacts' | 'recorder'>,
  subject: CallSubject,
  ids: CallIds,
  binding: ContextPackBinding,
): ArtifactHandle {
  const artifact = storeRecord(session.artifacts, binding)
  session.recorder.record({
    ...callEventBase(ids, subject),
    fr_event_id: 'FR-EVT-X-PACK-005',
    type: 'context_pack_bound',
    payload: {
      binding_id: binding.binding_id,
      reason: binding.reason,
      identity: binding.identity,
      role_pack: hashesOf(binding.role_pack),
      work_unit_pack: hashesOf(binding.work_unit_pack),
      assembly: binding.assembly,
      constraint_check: binding.constraint_check,
    },
  })
  return artifact
}

function hashesOf({ requested_hash, effective_hash }: ContextPackBinding['role_pack']) {
  return { requested_hash, effective_hash }
}

/** One event for each pack that was built or refreshed, and one for each that was not fresh (CP-024, FG-037). */
export function recordPackWork(
  session: Pick<Session, 'recorder' | 'state'>,
  subject: CallSubject,
  ids: CallIds,
  shelf: PackShelf,
): void {
  const base = callEventBase(ids, subject)
  const events = [
    ...shelf.work.map((work) => ({ ...base, ...workEvent(work) })),
    ...shelf.checked.flatMap(({ freshness }) =>
      freshness.context_pack_stale_detected ? [{ ...base, ...staleEvent(freshness) }] : [],
    ),
  ]
  if (events.length > 0) session.state.unsynced(() => session.recorder.recordAll(events))
}

function workEvent({ path, status, record, previousPayloadHash }: PackWork) {
  const payload = {
    pack_id: record.pack_id,
    target: `file:${path}`,
    payload_hash: record.payload_hash,
    source_hashes: record.source_hashes.slice(0, 256),
    builder: record.builder,
    ...(previousPayloadHash !== undefined && { previous_payload_hash: previousPayloadHash }),
  }
  return status === 'built'
    ? { fr_event_id: 'FR-EVT-X-PACK-001' as const, type: 'context_pack_built' as const, payload }
    : { fr_event_id: 'FR-EVT-X-PACK-003' as const, type: 'context_pack_refreshed' as const, payload }
}

function staleEvent(freshness: ContextPackFreshnessRecord) {
  return {
    fr_event_id: 'FR-EVT-X-PACK-004' as const,
    type: 'context_pack_stale_outcome' as const,
    payload: {
      ...freshness,
      stale_sources: freshness.stale_sources.slice(0, 64),
      stale_sources_total: freshness.stale_sources.length,
    },
  }
}
