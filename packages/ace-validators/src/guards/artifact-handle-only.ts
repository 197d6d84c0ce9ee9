import type { ContextBlock } from '@ctxlock/contracts/context'
import type { AceError, CallInput, Guard, ToolDeltaUse } from '@ctxlock/contracts/guards'
import { ArtifactHandle } from '@ctxlock/contracts/references'
import { bytesHash, textHash } from '@ctxlock/core-hash'

import { codePointLength } from '../unicode/code-points.ts'
import { errorsOf, outcome, shortened } from './outcome.ts'

const NAME = 'ArtifactHandleOnlyGuard'
const error = errorsOf(NAME)

const LARGEST_LIMIT = 100_000

/** Spec 05 section 3.2: long tool output stays in an artifact; the prompt gets a summary and the handle (VAL-020). */
export const artifactHandleGuard: Guard = {
  name: NAME,
  validatePlan({ plan }) {
    const limit = plan.budgets.tool_delta_inline_char_limit
    const valid = Number.isSafeInteger(limit) && limit >= 1 && limit <= LARGEST_LIMIT
    return outcome(valid ? [] : [error('InlineDeltaExceeded', { reason: 'limit_out_of_range' })])
  },
  validateCall(input) {
    const limit = (input.plan?.budgets ?? input.policy.budgets).tool_delta_inline_char_limit
    const blocks = [...input.envelope.stable_prefix.blocks, ...input.envelope.variable_suffix.blocks]
    const calls = new Set(input.tool_deltas.map(({ delta }) => delta.tool_call_id))
    const claimed = new Set(input.tool_deltas.flatMap((use) => carriers(use, blocks)))
    const unclaimed = blocks.filter((block) => block.kind === 'tool_delta' && !claimed.has(block))
    return outcome([
      ...Array.from(calls).flatMap((call) => lengthErrors(call, input.tool_deltas, blocks, limit)),
      ...unclaimed.flatMap(({ order_key, content }) =>
        tooLong(codePointLength(content), limit, { block: shortened(order_key) }),
      ),
      ...input.tool_deltas.flatMap(({ delta }) => handleErrors(delta, input)),
    ])
  },
}

/** What a tool returned, as it stands in a prompt that somebody else assembled. */
export interface ToolOutput {
  readonly toolCallId: string
  readonly text: string
}

/** VAL-020 for such a prompt, by length alone: what one call returned counts together, wherever it stands. */
export function inlineOutputErrors(outputs: readonly ToolOutput[], limit: number): AceError[] {
  const lengths = new Map<string, number>()
  for (const { toolCallId, text } of outputs)
    lengths.set(toolCallId, (lengths.get(toolCallId) ?? 0) + codePointLength(text))
  return [...lengths].flatMap(([call, length]) => tooLong(length, limit, { tool_call_id: shortened(call) }))
}

/** Abuse: one output split over several blocks, so the blocks of one call are summed. */
function lengthErrors(
  call: string,
  uses: readonly ToolDeltaUse[],
  blocks: readonly ContextBlock[],
  limit: number,
): AceError[] {
  const own = uses.filter(({ delta }) => delta.tool_call_id === call)
  const carrying = new Set(own.flatMap((use) => carriers(use, blocks)))
  const inline = [...carrying].reduce((sum, { content }) => sum + codePointLength(content), 0)
  // A summary that no block shows is held to the limit all the same: the next prompt may show it.
  const longest = Math.max(inline, ...own.map(({ delta }) => codePointLength(delta.summary)))
  return tooLong(longest, limit, { tool_call_id: shortened(call) })
}

/** Code points; exactly the limit passes. */
function tooLong(length: number, limit: number, details: Readonly<Record<string, string>>): AceError[] {
  return length <= limit ? [] : [error('InlineDeltaExceeded', { reason: 'inline_too_long', length, limit, ...details })]
}

/**
 * The blocks that carry a tool call's text: those the host names, and those that give themselves away by a reference to the
 * call or its artifacts or by being an artifact's text, whatever kind they claim to be.
 */
function carriers({ delta, order_keys }: ToolDeltaUse, blocks: readonly ContextBlock[]): ContextBlock[] {
  const ids = new Set([delta.tool_call_id, ...delta.artifact_handles.map(({ artifact_id }) => artifact_id)])
  const hashes = new Set(delta.artifact_handles.map(({ content_hash }) => content_hash))
  return blocks.filter(
    ({ order_key, source_refs, content }) =>
      order_keys.includes(order_key) ||
      source_refs.some(({ id, hash }) => ids.has(id) || (hash !== undefined && hashes.has(hash))) ||
      (hashes.size > 0 && hashes.has(textHash(content))),
  )
}

/** Offloaded means that the bytes are there and hash to what the handle says. */
function handleErrors({ artifact_handles, tool_call_id }: ToolDeltaUse['delta'], { ports }: CallInput): AceError[] {
  return artifact_handles.flatMap((handle) => {
    const details = { tool_call_id: shortened(tool_call_id) }
    if (!ArtifactHandle.safeParse(handle).success)
      return [error('InlineDeltaExceeded', { reason: 'handle_malformed', ...details })]
    const bytes = ports.resolver.bytes({ kind: 'artifact_handle', ref: handle })
    if (bytes === undefined) return [error('ContentUnresolvable', { artifact_id: handle.artifact_id, ...details })]
    if (bytesHash(bytes) === handle.content_hash && bytes.byteLength === handle.size_bytes) return []
    return [
      error('InlineDeltaExceeded', { reason: 'handle_hash_differs', artifact_id: handle.artifact_id, ...details }),
    ]
  })
}
