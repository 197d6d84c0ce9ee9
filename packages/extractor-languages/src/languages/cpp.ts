import type { Node } from 'web-tree-sitter'

import { bodyOf, type DeclarationRule, type LanguageRules, type SourceOf } from '../tree/language-rules.ts'
import { cDeclarations, cTransparent, isExported } from './c.ts'
import { declaredName } from './c-declarators.ts'

/** `hash<int>` is a specialisation of `hash`. */
function typeName(node: Node, source: SourceOf): readonly string[] {
  const name = node.childForFieldName('name')
  return name ? [source(name.childForFieldName('name') ?? name)] : []
}

const type = (kind: string): DeclarationRule => ({
  kind: (node) => (bodyOf(node) ? kind : undefined),
  names: typeName,
  members: bodyOf,
})

const declaration = cDeclarations['declaration']

export const cppRules: LanguageRules = {
  comments: new Set(['comment']),
  transparent: new Set(cTransparent),
  isWrapper: ({ type: is }) => is === 'template_declaration',
  imports: new Set(['preproc_include', 'using_declaration', 'import_declaration']),
  declarations: {
    ...cDeclarations,
    class_specifier: type('class'),
    struct_specifier: type('struct'),
    union_specifier: type('union'),
    namespace_definition: {
      kind: 'namespace',
      names: (node, source) => {
        const name = node.childForFieldName('name')
        return [name ? source(name).replaceAll('::', '.') : '(anonymous)']
      },
      members: bodyOf,
    },
    // Data members are part of the type's text; only functions are worth an anchor of their own.
    ...(declaration && {
      field_declaration: {
        ...declaration,
        kind: (node) =>
          declaredName(node.childForFieldName('declarator'))?.isFunction === true ? 'function' : undefined,
      },
    }),
    concept_definition: { kind: 'concept' },
    alias_declaration: { kind: 'type', names: typeName },
  },
  isPublic: ({ node, name }, source) => name !== '(anonymous)' && isExported(node, source),
}

const CPLUSPLUS =
  /^[ \t]*(?:namespace\b|template\s*<|class\s+\w|using\s+\w|(?:public|private|protected)\s*:|#\s*include\s*<\w+>)/m

/** Whether a header uses what only C++ has. */
export function isCplusplus(text: string): boolean {
  return CPLUSPLUS.test(text)
}
