import type { Node } from 'web-tree-sitter'

import { foldC } from '../folding/c.ts'
import { bodyOf, type DeclarationRule, type LanguageRules, type SourceOf } from '../tree/language-rules.ts'
import { declaredName, splitQualified } from './c-declarators.ts'

const SPECIFIERS: ReadonlySet<string> = new Set([
  'struct_specifier',
  'union_specifier',
  'enum_specifier',
  'class_specifier',
])

/** `struct a` alone is a mention; with a body it declares. */
export const withBody = (kind: string): DeclarationRule => ({ kind: (node) => (bodyOf(node) ? kind : undefined) })

function declaredNames(node: Node, source: SourceOf): readonly string[] {
  return node.childrenForFieldName('declarator').flatMap((declarator) => {
    const declared = declaredName(declarator)
    return declared ? [splitQualified(declared.name, source).own] : []
  })
}

/** A type that is declared on the way, unless what it is declared for has its name: `typedef struct a { … } a` declares one thing. */
function inlineType(node: Node, source: SourceOf): Node | null {
  const type = node.childForFieldName('type')
  const name = type && SPECIFIERS.has(type.type) ? type.childForFieldName('name') : null
  return name && !declaredNames(node, source).includes(source(name)) ? type : null
}

function owner(node: Node, source: SourceOf): string | undefined {
  const declared = declaredName(node.childForFieldName('declarator'))
  return declared && splitQualified(declared.name, source).owner
}

/** The block behind a call that ends without a semicolon: to the grammar `TEST_CASE("adds") {` is both. */
function blockOfMacro(node: Node): Node | null {
  const isCall = node.firstNamedChild?.type === 'call_expression' && node.lastChild?.isMissing === true
  const next = isCall ? node.nextNamedSibling : null
  return next?.type === 'compound_statement' ? next : null
}

export const cDeclarations: Readonly<Record<string, DeclarationRule>> = {
  function_definition: { kind: 'function', names: declaredNames, owner },
  declaration: {
    kind: (node) => (declaredName(node.childForFieldName('declarator'))?.isFunction === true ? 'function' : 'variable'),
    names: declaredNames,
    owner,
    inlineType,
    // A value may be a secret, so it stays out of the signature.
    body: (node) => node.childForFieldName('declarator')?.childForFieldName('value') ?? null,
  },
  type_definition: {
    kind: 'type',
    names: declaredNames,
    inlineType,
    body: bodyOfNamedType,
  },
  struct_specifier: withBody('struct'),
  union_specifier: withBody('union'),
  enum_specifier: withBody('enum'),
  expression_statement: {
    kind: (node) => (blockOfMacro(node) ? 'function' : undefined),
    names: (node, source) => (node.firstNamedChild ? [source(node.firstNamedChild)] : []),
    body: blockOfMacro,
    last: blockOfMacro,
  },
  preproc_def: { kind: 'macro', body: (node) => node.childForFieldName('value') },
  preproc_function_def: { kind: 'macro', body: (node) => node.childForFieldName('value') },
}

/** Parts under conditions of the preprocessor belong to the file as if the condition held. */
export const cTransparent = [
  'preproc_if',
  'preproc_ifdef',
  'preproc_else',
  'preproc_elif',
  'preproc_elifdef',
  'linkage_specification',
  'declaration_list',
]

/** Without a name of its own, a type is shown with its body: the name it gets stands behind it. */
function bodyOfNamedType(node: Node): Node | null {
  const type = node.childForFieldName('type')
  return type?.childForFieldName('name') ? type.childForFieldName('body') : null
}

/** What is `static` belongs to its file alone. */
export function isExported(node: Node, source: SourceOf): boolean {
  return !node.namedChildren.some((child) => child.type === 'storage_class_specifier' && source(child) === 'static')
}

export const cRules: LanguageRules = {
  fold: foldC,
  comments: new Set(['comment']),
  transparent: new Set(cTransparent),
  imports: new Set(['preproc_include']),
  declarations: cDeclarations,
  isPublic: ({ node }, source) => isExported(node, source),
}
