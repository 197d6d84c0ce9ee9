import type { Node } from 'web-tree-sitter'

import { foldCsharp } from '../folding/csharp.ts'
import { bodyOf, type DeclarationRule, type LanguageRules, type SourceOf } from '../tree/language-rules.ts'

const accessors = (node: Node): Node | null =>
  node.childForFieldName('accessors') ?? node.childForFieldName('value') ?? bodyOf(node)

/** `operator ==`: everything between the type and the parameters. */
function operatorName(node: Node, source: SourceOf): readonly string[] {
  const parameters = node.childForFieldName('parameters')
  const head = parameters ? source(node).slice(0, parameters.startIndex - node.startIndex) : ''
  const name = /\boperator\s*([^\s].*?)\s*$/s.exec(head)?.[1]
  return name === undefined ? [] : [`operator ${name}`]
}

const type = (kind: string): DeclarationRule => ({ kind, members: bodyOf })

export const csharpRules: LanguageRules = {
  fold: foldCsharp,
  comments: new Set(['comment']),
  transparent: new Set(['preproc_if', 'preproc_else', 'preproc_elif', 'declaration_list']),
  imports: new Set(['using_directive']),
  declarations: {
    namespace_declaration: { kind: 'namespace', members: bodyOf },
    file_scoped_namespace_declaration: { kind: 'namespace' },
    class_declaration: type('class'),
    struct_declaration: type('struct'),
    interface_declaration: type('interface'),
    record_declaration: type('record'),
    enum_declaration: { kind: 'enum' },
    delegate_declaration: { kind: 'delegate' },
    method_declaration: { kind: 'function' },
    constructor_declaration: { kind: 'constructor' },
    destructor_declaration: {
      kind: 'destructor',
      names: (node, source) => {
        const name = node.childForFieldName('name')
        return name ? [`~${source(name)}`] : []
      },
    },
    operator_declaration: { kind: 'operator', names: operatorName },
    conversion_operator_declaration: { kind: 'operator', names: operatorName },
    property_declaration: { kind: 'property', body: accessors },
    indexer_declaration: { kind: 'property', names: () => ['this[]'], body: accessors },
    event_declaration: { kind: 'event', body: accessors },
  },
  isPublic: ({ node }, source) =>
    node.type.endsWith('namespace_declaration') ||
    node.parent?.parent?.type === 'interface_declaration' ||
    node.namedChildren.some((child) => child.type === 'modifier' && source(child) === 'public'),
}
