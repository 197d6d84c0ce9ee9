import { CompactionItem } from '@ctxlock/contracts/compaction'
import type { AceError, CallInput, Compaction, Guard, GuardPorts, PackUse } from '@ctxlock/contracts/guards'
import { ContextPackPayload, ContextPackRecord } from '@ctxlock/contracts/packs'
import { parseSelector, type SourceRef } from '@ctxlock/contracts/references'
import { canonicalHash, oncePerSettled } from '@ctxlock/core-hash'

import { errorsOf, outcome } from './outcome.ts'

const NAME = 'CompactionSchemaGuard'
const error = errorsOf(NAME)

/** Spec 05 section 3.3: compact items fit their closed schema, lead back to their evidence, and name registered rules. */
export const compactionSchemaGuard: Guard = {
  name: NAME,
  validateCall: (input) =>
    outcome([
      ...input.compactions.flatMap((compaction) => itemErrors(compaction, input)),
      ...input.packs.flatMap(packErrors),
    ]),
}

function itemErrors({ artifact, items }: Compaction, { ports }: CallInput): AceError[] {
  return items.flatMap((candidate, item) => {
    const violation = (reason: string): AceError => error('CompactionSchemaViolation', { item, reason })
    const parsed = CompactionItem.safeParse(candidate)
    if (!parsed.success) return [violation('schema')]
    const { data } = parsed
    const refs = [...data.source_refs, ...(data.type === 'decision' ? data.evidence_refs : [])]
    const anchors = data.type === 'constraint' ? data.anchor_refs : []
    return [
      ...refs.flatMap((ref) => evidenceProblem(ref, artifact, ports) ?? []).map(violation),
      // VAL-024: an anchor that merely looks like one.
      ...anchors.filter((anchor) => !ports.rules.has(anchor)).map(() => violation('anchor_not_registered')),
    ]
  })
}

/** VAL-023, VAL-024: bounded, not pointing at itself, and resolving to what it says by hash (ACE-068). */
function evidenceProblem(
  ref: SourceRef,
  artifact: Compaction['artifact'],
  { resolver }: GuardPorts,
): string | undefined {
  if (ref.hash === undefined || parseSelector(ref.selector ?? '') === undefined) return 'evidence_not_bounded'
  if (artifact && (ref.id === artifact.artifact_id || ref.hash === artifact.content_hash)) return 'evidence_is_itself'
  const found = resolver.describe({ kind: 'source_ref', ref })
  if (found === undefined) return 'evidence_unresolved'
  return found.content_hash === ref.hash ? undefined : 'evidence_changed'
}

const recordOf = oncePerSettled((record: unknown) => ContextPackRecord.safeParse(record))

const payloadOf = oncePerSettled((payload: unknown) => {
  const parsed = ContextPackPayload.safeParse(payload)
  return parsed.success ? { ...parsed, hash: canonicalHash(parsed.data), items: citingItems(parsed.data) } : parsed
})

/** What a pack says, with what of it each item cites: one text for a source, undefined for one that is not bounded. */
function citingItems({ facts, constraints, open_loops, anchors }: ContextPackPayload) {
  const items = [
    // CP-026: a fact without sources is kept at confidence 0, where no prompt takes it from.
    ...facts
      .filter(({ confidence }) => confidence > 0)
      .map(({ fact_id, source_refs }) => ({ id: fact_id, source_refs })),
    ...constraints.map(({ constraint_id, source_refs }) => ({ id: constraint_id, source_refs })),
    ...open_loops.map(({ loop_id, source_refs }) => ({ id: loop_id, source_refs })),
    ...anchors.map(({ anchor_id, source_ref }) => ({ id: anchor_id, source_refs: [source_ref] })),
  ]
  const citedBy = ({ id, hash, selector }: SourceRef) =>
    parseSelector(selector ?? '') === undefined ? undefined : citation(String(hash), id)
  return items.map(({ id, source_refs }) => ({ id, cited: [...new Set(source_refs.map(citedBy))] }))
}

const citation = (hash: string, id: string) => `${hash} ${id}`

/**
 * What is wrong with a pack and its payload: schema, hash and provenance (VAL-023, CP-013, CP-025). Anchors are not asked
 * for. Builders call this before they publish (CP-019).
 */
export function packErrors({ record, payload }: PackUse): AceError[] {
  const parsedRecord = recordOf(record)
  const parsedPayload = payloadOf(payload)
  if (!parsedRecord.success || !parsedPayload.success) {
    return [error('CompactionSchemaViolation', { reason: parsedRecord.success ? 'payload_schema' : 'record_schema' })]
  }
  const { pack_id, payload_hash, sources } = parsedRecord.data
  const violation = (reason: string, id: string | null = null): AceError =>
    error('CompactionSchemaViolation', { reason, pack_id, item: id })
  if (parsedPayload.hash !== payload_hash) return [violation('payload_hash')]

  const known = new Set(sources.map(({ source_id, source_hash }) => citation(source_hash, source_id)))
  return parsedPayload.items.flatMap(({ id, cited }) => {
    if (cited.length === 0) return [violation('item_unsourced', id)]
    return cited.every((one) => one !== undefined && known.has(one)) ? [] : [violation('source_not_in_record', id)]
  })
}
