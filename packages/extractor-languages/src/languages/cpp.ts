import type { Node } from 'web-tree-sitter'

import { foldCplusplus } from '../folding/c.ts'
import { bodyOf, type DeclarationRule, type LanguageRules, type SourceOf } from '../tree/language-rules.ts'
import { cDeclarations, cTransparent, isExported } from './c.ts'
import { declaredName, splitQualified } from './c-declarators.ts'

/** `std::hash<int>` is a specialisation of `hash`, which `std` owns. */
function typeName(node: Node, source: SourceOf): { readonly owner?: string; readonly own: string } | undefined {
  const name = node.childForFieldName('name')
  return name ? splitQualified(name, source) : undefined
}

const type = (kind: string): DeclarationRule => ({
  kind: (node) => (bodyOf(node) ? kind : undefined),
  names: (node, source) => [typeName(node, source)?.own ?? ''],
  owner: (node, source) => typeName(node, source)?.owner,
  members: bodyOf,
})

const declaration = cDeclarations['declaration']

export const cppRules: LanguageRules = {
  fold: foldCplusplus,
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
    alias_declaration: { kind: 'type' },
  },
  isPublic: ({ node, name }, source) => name !== '(anonymous)' && isExported(node, source),
}

const CPLUSPLUS =
  /^[ \t]*(?:namespace\b|template\s*<|class\s+\w|using\s+\w|(?:public|private|protected)\s*:|#\s*include\s*<\w+>)/m

/** Whether a header uses what only C++ has. */
export function isCplusplus(text: string): boolean {
  return CPLUSPLUS.test(text)
}
