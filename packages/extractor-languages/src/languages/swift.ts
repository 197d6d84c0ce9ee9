import type { Node } from 'web-tree-sitter'

import { foldSwift } from '../folding/swift.ts'
import { bodyOf, childOfType, type DeclarationRule, type LanguageRules, type SourceOf } from '../tree/language-rules.ts'

/** The grammar calls classes, structs, enums, actors and extensions all the same; the keyword tells. */
function kindOfClass(node: Node): string {
  return node.childForFieldName('declaration_kind')?.type ?? 'class'
}

function boundNames(node: Node, source: SourceOf): readonly string[] {
  return node.childrenForFieldName('name').flatMap((pattern) => {
    const bound = pattern?.childForFieldName('bound_identifier')
    return bound ? [source(bound)] : []
  })
}

const property: DeclarationRule = {
  kind: 'property',
  names: boundNames,
  body: (node) => node.childForFieldName('value') ?? node.childForFieldName('computed_value'),
}

export const swiftRules: LanguageRules = {
  fold: foldSwift,
  comments: new Set(['comment', 'multiline_comment']),
  transparent: new Set(),
  imports: new Set(['import_declaration']),
  declarations: {
    class_declaration: { kind: kindOfClass, members: bodyOf },
    protocol_declaration: { kind: 'protocol', members: bodyOf },
    function_declaration: { kind: 'function' },
    protocol_function_declaration: { kind: 'function' },
    init_declaration: { kind: 'constructor', names: () => ['init'] },
    deinit_declaration: { kind: 'destructor', names: () => ['deinit'] },
    subscript_declaration: {
      kind: 'subscript',
      names: () => ['subscript'],
      body: (node) => childOfType(node, 'computed_property'),
    },
    property_declaration: property,
    protocol_property_declaration: { ...property, body: (node) => childOfType(node, 'protocol_property_requirements') },
    typealias_declaration: { kind: 'type' },
    associatedtype_declaration: { kind: 'type' },
  },
  isPublic: ({ node }, source) => {
    const modifiers = childOfType(node, 'modifiers')
    return (
      /\b(?:public|open)\b/.test(modifiers ? source(modifiers) : '') ||
      kindOfClass(node) === 'extension' ||
      node.parent?.type === 'protocol_body'
    )
  },
}
