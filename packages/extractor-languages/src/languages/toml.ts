import type { Node } from 'web-tree-sitter'

import { childOfType, type DeclarationRule, type LanguageRules, type SourceOf } from '../tree/language-rules.ts'

function key(node: Node, source: SourceOf): readonly string[] {
  const first = childOfType(node, 'bare_key', 'dotted_key', 'quoted_key')
  return first ? [source(first)] : []
}

const table: DeclarationRule = {
  kind: 'table',
  names: key,
  body: (node) => childOfType(node, 'pair'),
  members: (node) => node,
  // A table reaches to the next one; the blank lines and comments between them are not its own.
  last: (node) => node.namedChildren.findLast(({ type }) => type === 'pair') ?? node.firstNamedChild,
}

/** Tables and keys. Values stay out of hints, because settings hold secrets that look like nothing in particular. */
export const tomlRules: LanguageRules = {
  comments: new Set(['comment']),
  transparent: new Set(),
  imports: new Set(),
  declarations: {
    table,
    table_array_element: table,
    pair: { kind: 'key', names: key, body: (node) => node.namedChild(1) },
  },
  isPublic: () => false,
}
