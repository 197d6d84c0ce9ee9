import type { Node } from 'web-tree-sitter'

import type { SourceOf } from '../tree/language-rules.ts'

/** Declarators nest: `*(*f)(int)` is a function `f` that gives a pointer. Nobody writes more of them than this. */
const MAX_STEPS = 12

export interface DeclaredName {
  readonly name: Node
  readonly isFunction: boolean
}

/** The name in a declarator, and whether what it names is a function rather than a pointer to one. */
export function declaredName(declarator: Node | null): DeclaredName | undefined {
  let node = declarator
  let isFunction = false
  for (let steps = 0; node && steps < MAX_STEPS; steps += 1) {
    if (NAMES.has(node.type)) return { name: node, isFunction: isFunction || node.type === 'operator_cast' }
    if (node.type === 'function_declarator') isFunction = true
    else if (node.type === 'pointer_declarator' && node.parent?.type === 'parenthesized_declarator') isFunction = false
    // Some wrappers name what they hold, the others hold nothing else.
    node = node.childForFieldName('declarator') ?? node.namedChildren.find(({ type }) => DECLARATOR.test(type)) ?? null
  }
  return undefined
}

/** `A::b` is `b` of `A`; the parameters of a template are no part of either name. */
export function splitQualified(name: Node, source: SourceOf): { readonly owner?: string; readonly own: string } {
  const scopes: string[] = []
  let node = name
  for (let steps = 0; node.type === 'qualified_identifier' && steps < MAX_STEPS; steps += 1) {
    const scope = node.childForFieldName('scope')
    if (scope) scopes.push(source(scope.childForFieldName('name') ?? scope))
    const inner = node.childForFieldName('name')
    if (!inner) break
    node = inner
  }
  if (TEMPLATES.has(node.type)) node = node.childForFieldName('name') ?? node
  return {
    ...(scopes.length > 0 && { owner: scopes.join('.') }),
    own: source(node)
      .replace(/^(operator\b[^(]+)\(.*$/s, '$1')
      .trim(),
  }
}

const DECLARATOR = /declarator$|identifier$|^(?:operator_name|destructor_name|operator_cast|template_function)$/
const TEMPLATES: ReadonlySet<string> = new Set(['template_function', 'template_type'])
const NAMES: ReadonlySet<string> = new Set([
  'identifier',
  'field_identifier',
  'type_identifier',
  'qualified_identifier',
  'operator_name',
  'destructor_name',
  'operator_cast',
  'template_function',
])
