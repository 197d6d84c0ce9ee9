import type { Node } from 'web-tree-sitter'

import { foldGo } from '../folding/go.ts'
import { childOfType, type DeclarationRule, type LanguageRules } from '../tree/language-rules.ts'

const GROUPS: ReadonlySet<string> = new Set(['const_declaration', 'var_declaration', 'type_declaration'])

/** One of several in parentheses, or the only one, whose keyword then belongs to it. */
const inGroups = (kind: string): DeclarationRule => ({
  kind,
  names: (node, source) =>
    node
      .childrenForFieldName('name')
      .filter(({ isNamed }) => isNamed)
      .map(source),
  body: (node) => node.childForFieldName('value'),
})

/** `(s *Store[K])` belongs to `Store`. */
function receiver(node: Node): Node | undefined {
  const parameter = node.childForFieldName('receiver')?.firstNamedChild
  let type = parameter?.childForFieldName('type') ?? null
  for (let steps = 0; type && steps < 4; steps += 1) {
    if (type.type === 'type_identifier') return type
    type = type.childForFieldName('type') ?? type.firstNamedChild
  }
  return undefined
}

export const goRules: LanguageRules = {
  fold: foldGo,
  comments: new Set(['comment']),
  transparent: new Set([...GROUPS, 'var_spec_list']),
  // Without parentheses the keyword belongs to the one declaration that follows it.
  isWrapper: (node) =>
    GROUPS.has(node.type) && !node.children.some(({ type }) => type === '(' || type === 'var_spec_list'),
  imports: new Set(['import_declaration']),
  declarations: {
    function_declaration: { kind: 'function' },
    method_declaration: {
      kind: 'function',
      owner: (node, source) => {
        const type = receiver(node)
        return type && source(type)
      },
    },
    type_spec: {
      kind: (node) => KIND_OF_TYPE[node.childForFieldName('type')?.type ?? ''] ?? 'type',
      body: (node) => {
        const type = node.childForFieldName('type')
        return type && childOfType(type, 'field_declaration_list', 'method_elem')
      },
    },
    type_alias: { kind: 'type' },
    const_spec: inGroups('const'),
    var_spec: inGroups('var'),
  },
  isPublic: ({ name }) => /^\p{Lu}/u.test(name),
}

const KIND_OF_TYPE: Readonly<Record<string, string>> = { struct_type: 'struct', interface_type: 'interface' }
