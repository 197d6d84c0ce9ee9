import type { Node } from 'web-tree-sitter'

import { foldKotlin } from '../folding/kotlin.ts'
import { childOfType, type LanguageRules } from '../tree/language-rules.ts'

const membersOf = (node: Node): Node | null => childOfType(node, 'class_body', 'enum_class_body')

export const kotlinRules: LanguageRules = {
  fold: foldKotlin,
  comments: new Set(['line_comment', 'block_comment']),
  transparent: new Set(),
  imports: new Set(['import']),
  declarations: {
    class_declaration: {
      kind: (node) =>
        node.children.some(({ type }) => type === 'interface')
          ? 'interface'
          : membersOf(node)?.type === 'enum_class_body'
            ? 'enum'
            : 'class',
      body: membersOf,
      members: membersOf,
    },
    object_declaration: { kind: 'object', body: membersOf, members: membersOf },
    companion_object: {
      kind: 'object',
      names: (node, source) => {
        const name = node.childForFieldName('name')
        return [name ? source(name) : 'Companion']
      },
      body: membersOf,
      members: membersOf,
    },
    function_declaration: { kind: 'function', body: (node) => childOfType(node, 'function_body') },
    secondary_constructor: {
      kind: 'constructor',
      names: () => ['constructor'],
      body: (node) => childOfType(node, 'block'),
    },
    property_declaration: {
      kind: 'property',
      names: (node, source) => {
        const variable = childOfType(node, 'variable_declaration')?.firstNamedChild
        return variable ? [source(variable)] : []
      },
      body: afterEquals,
    },
    type_alias: {
      kind: 'type',
      names: (node, source) => {
        const name = node.childForFieldName('type') ?? childOfType(node, 'identifier')
        return name ? [source(name)] : []
      },
    },
  },
  isPublic: ({ node }, source) => {
    const modifiers = childOfType(node, 'modifiers')
    return !/\b(?:private|internal|protected)\b/.test(modifiers ? source(modifiers) : '')
  },
}

/** The value of a property, which may be a secret and stays out of the signature. */
function afterEquals(node: Node): Node | null {
  const equals = node.children.findIndex(({ type }) => type === '=' || type === 'by')
  return equals === -1 ? childOfType(node, 'getter', 'setter') : (node.children[equals] ?? null)
}
