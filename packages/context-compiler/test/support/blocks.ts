import type { ContextBlock } from '@ctxlock/contracts/context'

/** A block with the least that one needs. */
export function block(
  kind: ContextBlock['kind'],
  order_key: string,
  content: string,
  more: Partial<ContextBlock> = {},
): ContextBlock {
  return { kind, order_key, content, source_refs: [], sensitivity: 'low', projection: 'full', ...more }
}

/** A `retrieved_snippet` block of some lines of a file. */
export function snippetBlock(order_key: string, content: string, path = 'src/a.ts', lines = 'lines:1-2'): ContextBlock {
  const ref = { kind: 'span' as const, id: `file:${path}`, hash: 'a'.repeat(64), selector: lines }
  return block('retrieved_snippet', order_key, content, { source_refs: [ref] })
}
