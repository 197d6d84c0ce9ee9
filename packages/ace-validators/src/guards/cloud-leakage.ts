import { CompactionItem } from '@ctxlock/contracts/compaction'
import type { ContextBlock } from '@ctxlock/contracts/context'
import type { AceError, CallInput, Compaction, Guard } from '@ctxlock/contracts/guards'
import { ContextPackPayload, ContextPackRecord } from '@ctxlock/contracts/packs'
import { type RedactionFinding, SECRET_CATEGORIES } from '@ctxlock/contracts/ports'
import type { Reference, SourceRef } from '@ctxlock/contracts/references'
import { textHash } from '@ctxlock/core-hash'

import { errorsOf, NOT_APPLICABLE, outcome, shortened } from './outcome.ts'
import { findLeaks } from './reference-graph.ts'
import { snippetTexts } from './snippet-texts.ts'

const NAME = 'CloudLeakageGuard'
const error = errorsOf(NAME)

/** Spec 05 section 3.5: nothing that may not leave this machine is named in, referred to by, or part of a cloud call. */
export const cloudLeakageGuard: Guard = {
  name: NAME,
  validateCall(input) {
    // VAL-035: the tier derived from the endpoint, and the stricter one if the snapshot says otherwise.
    if (input.job.current.model_tier === 'local' && input.snapshot.model_tier === 'local') return NOT_APPLICABLE
    return outcome([...referenceErrors(input), ...blockErrors(input), ...secretErrors(input)].slice(0, MOST))
  },
}

const MOST = 256

/** VAL-029..VAL-033: ids are hashed, because a path or an entity name may itself be what must not leave. */
function referenceErrors(input: CallInput): AceError[] {
  return findLeaks(scannedReferences(input), input.ports.resolver).map(({ reason, path }) =>
    error('CloudLeakageBlocked', {
      reason,
      item: textHash(path.at(-1) ?? ''),
      path: path.slice(0, 64).map((id) => textHash(id)),
    }),
  )
}

/** VAL-032: the prefix counts as much as the suffix. */
function scannedReferences(input: CallInput): Reference[] {
  const { snapshot, trace, envelope, tool_deltas, packs, projection_refs, compactions } = input
  const blocks = [...envelope.stable_prefix.blocks, ...envelope.variable_suffix.blocks]
  const handles = [...snapshot.artifact_handles, ...tool_deltas.flatMap(({ delta }) => delta.artifact_handles)]
  const sources: SourceRef[] = [
    ...(trace?.selected.map(({ ref }) => ref) ?? []),
    ...(trace?.spans.map(({ ref }) => ref) ?? []),
    ...blocks.flatMap(({ source_refs }) => source_refs),
    ...packs.flatMap(({ record, payload }) => packReferences(record, payload)),
  ]
  return [
    ...handles.map((ref) => ({ kind: 'artifact_handle' as const, ref })),
    ...sources.map((ref) => ({ kind: 'source_ref' as const, ref })),
    ...projection_refs,
    ...compactions.flatMap(compactionReferences),
  ]
}

/** A compacted text is as confidential as the most confidential of its sources, whatever it is labelled. */
function compactionReferences({ artifact, items }: Compaction): Reference[] {
  const parsed = items.map((item) => CompactionItem.safeParse(item))
  const sources = parsed.flatMap(({ data }) => {
    if (data === undefined) return [UNREADABLE]
    if (data.type === 'decision') return [...data.source_refs, ...data.evidence_refs]
    return data.type === 'constraint' ? [...data.source_refs, ...data.scope_refs] : data.source_refs
  })
  const handles = [
    ...(artifact === null ? [] : [artifact]),
    ...parsed.flatMap(({ data }) => (data?.type === 'tool_result' ? data.artifact_handles : [])),
  ]
  return [
    ...handles.map((ref) => ({ kind: 'artifact_handle' as const, ref })),
    ...sources.map((ref) => ({ kind: 'source_ref' as const, ref })),
  ]
}

/** What cannot be read cannot be judged: a reference that nothing resolves blocks the call. */
const UNREADABLE: SourceRef = { kind: 'artifact', id: 'unreadable' }

/** The sources a pack was made from count, whatever the pack itself is labelled. */
function packReferences(record: unknown, payload: unknown): SourceRef[] {
  const parsedRecord = ContextPackRecord.safeParse(record)
  const parsedPayload = ContextPackPayload.safeParse(payload)
  if (!parsedRecord.success || !parsedPayload.success) return [UNREADABLE]
  const { facts, constraints, open_loops, anchors } = parsedPayload.data
  return [
    ...parsedRecord.data.sources.map(({ source_id, source_hash }) => ({
      kind: 'span' as const,
      id: source_id,
      hash: source_hash,
    })),
    ...[...facts, ...constraints, ...open_loops].flatMap(({ source_refs }) => source_refs),
    ...anchors.map(({ source_ref }) => source_ref),
  ]
}

function blockErrors({ envelope }: CallInput): AceError[] {
  const blocks = [...envelope.stable_prefix.blocks, ...envelope.variable_suffix.blocks]
  return blocks.flatMap(({ kind, source_refs, sensitivity, order_key }) => {
    const leak = (reason: string): AceError => error('CloudLeakageBlocked', { reason, block: shortened(order_key) })
    return [
      ...(sensitivity === 'low' || sensitivity === 'medium' ? [] : [leak('block_sensitivity')]),
      ...(DERIVED_KINDS.has(kind) && source_refs.length === 0 ? [leak('lineage_unknown')] : []),
    ]
  })
}

/** Their text comes from somewhere; if they do not say from where, nobody knows how confidential it is. */
const DERIVED_KINDS: ReadonlySet<ContextBlock['kind']> = new Set(['retrieved_snippet', 'memory_pack'])

/** VAL-010, VAL-034: the raw text of every snippet, and everything that will be sent. */
function secretErrors({ snippets, rendered, envelope, ports }: CallInput): AceError[] {
  const { texts, unresolvable } = snippetTexts(snippets)
  const blocks = [...envelope.stable_prefix.blocks, ...envelope.variable_suffix.blocks]
  const all = [...texts.map(({ text }) => text), ...rendered, ...blocks.map(({ content }) => content)]
  const detectors = new Set<RedactionFinding['detector_id']>()
  for (const text of new Set(all)) {
    for (const { category, detector_id } of ports.redactor.detect(text)) {
      if (SECRET_CATEGORIES.has(category)) detectors.add(detector_id)
    }
  }
  return [
    ...unresolvable.map(({ candidate_id }) => error('ContentUnresolvable', { candidate_id: shortened(candidate_id) })),
    ...Array.from(detectors, (detector_id) =>
      error('CloudLeakageBlocked', { reason: 'secret_in_content', detector_id }),
    ),
  ]
}
