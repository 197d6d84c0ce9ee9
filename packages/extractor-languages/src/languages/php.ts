import type { Node } from 'web-tree-sitter'

import { foldPhp } from '../folding/php.ts'
import { bodyOf, childOfType, type LanguageRules, type SourceOf } from '../tree/language-rules.ts'

/** The first child of every element of a list, such as `A` and `B` in `const A = 1, B = 2`. */
const elements = (type: string) => (node: Node, source: SourceOf) =>
  node.namedChildren.flatMap((child) =>
    child.type === type && child.firstNamedChild ? [source(child.firstNamedChild)] : [],
  )

const firstValue = (type: string) => (node: Node) => childOfType(node, type)?.namedChild(1) ?? null

export const phpRules: LanguageRules = {
  fold: foldPhp,
  comments: new Set(['comment']),
  // A namespace without a name is the global one: what stands in it declares as if it stood alone.
  transparent: new Set([
    'namespace_definition',
    'if_statement',
    'else_clause',
    'else_if_clause',
    'compound_statement',
    'colon_block',
  ]),
  imports: new Set(['namespace_use_declaration']),
  declarations: {
    namespace_definition: { kind: 'namespace', members: bodyOf },
    class_declaration: { kind: 'class', members: bodyOf },
    interface_declaration: { kind: 'interface', members: bodyOf },
    trait_declaration: { kind: 'trait', members: bodyOf },
    enum_declaration: { kind: 'enum', members: bodyOf },
    function_definition: { kind: 'function' },
    method_declaration: { kind: 'function' },
    property_declaration: {
      kind: 'property',
      names: elements('property_element'),
      body: firstValue('property_element'),
    },
    const_declaration: { kind: 'const', names: elements('const_element'), body: firstValue('const_element') },
  },
  isPublic: ({ node }, source) => {
    const visibility = childOfType(node, 'visibility_modifier')
    return visibility === null || source(visibility).startsWith('public')
  },
}
