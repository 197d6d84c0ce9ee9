import type { Node } from 'web-tree-sitter'

/** The last line that holds a character of the node, counted from 1: some nodes end behind the line feed. */
export function lastLineOf({ startPosition, endPosition }: Node): number {
  const { row, column } = endPosition
  return column === 0 && row > startPosition.row ? row : row + 1
}

/** Whether anything but white space stands before the node on its line. */
export function hasCodeBefore({ startIndex }: Pick<Node, 'startIndex'>, text: string): boolean {
  for (let at = startIndex - 1; at >= 0; at -= 1) {
    const unit = text.charCodeAt(at)
    if (unit === 0x0a) return false
    if (unit !== 0x20 && unit !== 0x09 && unit !== 0xfeff) return true
  }
  return false
}
