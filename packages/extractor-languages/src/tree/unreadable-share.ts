import type { Node } from 'web-tree-sitter'

const MAX_VISITS = 50_000

/** Which part of the file the parser could not make sense of, from 0 to 1; 1 when there are too many places to count. */
export function unreadableShare(root: Node): number {
  if (!root.hasError || root.endIndex === 0) return 0
  if (root.isError) return 1
  let skipped = 0
  let visits = 0
  const pending: Node[] = [root]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if ((visits += 1) > MAX_VISITS) return 1
    if (node.isError) skipped += node.endIndex - node.startIndex
    else if (node.hasError) pending.push(...node.children)
  }
  return skipped / root.endIndex
}
