import { block, callInput, HASH } from '../../../../packages/ace-validators/test/support/call-input.ts'
import type { ContextBlock } from '../../../../packages/contracts/src/context.ts'
import type { CallInput } from '../../../../packages/contracts/src/guards.ts'
import type { Reference } from '../../../../packages/contracts/src/references.ts'
import { graphStore } from './graph-store.ts'
import type { Place, ReferenceGraph } from './random-graph.ts'

const MAY_PASS = callInput({ tier: 'cloud', files: {} })
const LOCAL = callInput({ tier: 'local', files: {} })

/** A call that would pass, and names the roots of the graph each in its place. */
export function callOver({ tier, items, roots, block: compacted }: ReferenceGraph): CallInput {
  const { resolver, reference } = graphStore(items)
  const base = tier === 'local' ? LOCAL : MAY_PASS
  const start: CallInput = { ...base, ports: { ...base.ports, resolver } }
  const call = roots.reduce((input, root) => named(input, root.place, reference(root)), start)
  return compacted === null ? call : withBlock(call, compacted)
}

function withBlock(
  call: CallInput,
  { sensitivity, isCompacted, isStable }: NonNullable<ReferenceGraph['block']>,
): CallInput {
  // As text first: a sensitivity of any type gets in.
  const claims: Pick<ContextBlock, 'sensitivity'> = JSON.parse(JSON.stringify({ sensitivity: sensitivity ?? null }))
  const added = block(isCompacted ? 'memory_pack' : 'task', '40', 'Remember.', claims)
  const side = isStable ? 'stable_prefix' : 'variable_suffix'
  const { envelope } = call
  return {
    ...call,
    envelope: { ...envelope, [side]: { ...envelope[side], blocks: [...envelope[side].blocks, added] } },
  }
}

function named(input: CallInput, place: Place, reference: Reference): CallInput {
  const { snapshot, envelope, trace, tool_deltas, compactions } = input
  if (place === 'projection') return { ...input, projection_refs: [...input.projection_refs, reference] }
  if (reference.kind === 'artifact_handle') {
    const { ref } = reference
    switch (place) {
      case 'tool_delta':
        return {
          ...input,
          tool_deltas: [...tool_deltas, { delta: { ...DELTA, artifact_handles: [ref] }, order_keys: [] }],
        }
      case 'compaction':
        return { ...input, compactions: [...compactions, { artifact: ref, items: [] }] }
      default:
        return { ...input, snapshot: { ...snapshot, artifact_handles: [...snapshot.artifact_handles, ref] } }
    }
  }
  if (reference.kind !== 'source_ref' || trace === null) throw new Error('Expected a source of a call with retrieval.')
  const { ref } = reference
  const evidence = block('rules', '20-rules', 'You MUST cite.', { source_refs: [ref] })
  const { stable_prefix, variable_suffix } = envelope
  switch (place) {
    case 'selected':
      return {
        ...input,
        trace: {
          ...trace,
          selected: [...trace.selected, { final_rank: 0, final_score: 0, why: '', candidate_id: HASH, ref }],
        },
      }
    case 'span':
      return { ...input, trace: { ...trace, spans: [...trace.spans, { ...SPAN, ref }] } }
    case 'stable_prefix':
      return {
        ...input,
        envelope: { ...envelope, stable_prefix: { ...stable_prefix, blocks: [...stable_prefix.blocks, evidence] } },
      }
    case 'variable_suffix':
      return {
        ...input,
        envelope: {
          ...envelope,
          variable_suffix: { ...variable_suffix, blocks: [...variable_suffix.blocks, evidence] },
        },
      }
    default:
      return {
        ...input,
        compactions: [...compactions, { artifact: null, items: [{ ...PROGRESS, source_refs: [ref] }] }],
      }
  }
}

const DELTA = { tool_id: 't', tool_call_id: 'c', status: 'ok' as const, summary: '', changed_entity_refs: [] }
const PROGRESS = { type: 'progress', done: [], next: [], blockers: [] }
const SPAN = {
  span_id: 's',
  candidate_id: HASH,
  selector: 'lines:1-2',
  start: 1,
  end: 2,
  token_estimate: 1,
  content_hash: HASH,
  truncated: false,
  fetch_depth: 'snippet' as const,
}
