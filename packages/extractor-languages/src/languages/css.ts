import type { Node } from 'web-tree-sitter'

import { childOfType, type DeclarationRule, type LanguageRules, type SourceOf } from '../tree/language-rules.ts'

const block = (node: Node): Node | null => childOfType(node, 'block', 'keyframe_block_list')

/** Everything before the block: a selector, or an at-rule with its condition. */
function heading(node: Node, source: SourceOf): readonly string[] {
  const end = (block(node)?.startIndex ?? node.endIndex) - node.startIndex
  return [source(node).slice(0, end).replace(/;$/, '')]
}

const rule = (kind: string): DeclarationRule => ({ kind, names: heading, body: block, members: block })

/** Rules and at-rules; those inside conditions and nested rules are their members. */
export const cssRules: LanguageRules = {
  comments: new Set(['comment']),
  transparent: new Set(),
  imports: new Set(['import_statement']),
  declarations: {
    rule_set: rule('rule'),
    media_statement: rule('media'),
    supports_statement: rule('supports'),
    scope_statement: rule('scope'),
    at_rule: rule('at-rule'),
    keyframes_statement: { ...rule('keyframes'), members: () => null },
  },
  separator: ' ',
  isPublic: () => false,
}
