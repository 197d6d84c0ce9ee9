import type { Node } from 'web-tree-sitter'

export interface FoundName {
  readonly name: string
  /** Where the node type alone does not say it. */
  readonly kind?: string
}

/** The names a declaration gives, read from its text where the grammar has no field for them. */
export function namesOf(node: Node, text: string): readonly FoundName[] {
  const textOf = (part: Node) => text.slice(part.startIndex, part.endIndex)
  const field = node.childForFieldName('name')
  const plain = field ? [{ name: textOf(field) }] : []
  switch (node.type) {
    case 'expression_statement':
      return [{ name: /^[\w]+/u.exec(textOf(node))?.[0] ?? /^[\p{L}\p{N}_]+/u.exec(textOf(node))?.[0] ?? '' }]
    case 'type_alias_statement':
      return [{ name: /^type\s+(\w+)/.exec(textOf(node))?.[1] ?? '' }]
    case 'method_declaration': {
      const receiver = node.childForFieldName('receiver')
      if (!receiver) return plain
      const owner = /\*?\s*([\p{L}_][\p{L}\p{N}_]*)\s*(?:\[[^\]]*\])?\s*,?\s*\)$/u.exec(textOf(receiver))?.[1]
      return plain.map(({ name }) => ({ name: `${owner}.${name}` }))
    }
    case 'type_spec': {
      const type = node.childForFieldName('type')?.type
      return plain.map((found) => ({
        ...found,
        kind: type === 'struct_type' ? 'struct' : type === 'interface_type' ? 'interface' : 'type',
      }))
    }
    case 'const_spec':
    case 'var_spec':
      return node
        .childrenForFieldName('name')
        .filter(({ type }) => type !== ',')
        .map((name) => ({ name: textOf(name) }))
    case 'impl_item': {
      const type = node.childForFieldName('type')
      const base = type?.type === 'generic_type' ? type.childForFieldName('type') : type
      return base ? [{ name: textOf(base).replace(/\s+/g, ' ') }] : []
    }
    case 'function_definition':
    case 'declaration':
    case 'field_declaration':
    case 'type_definition':
      return field ? plain : declared(node, textOf)
    case 'namespace_definition':
      if (field) return [{ name: textOf(field).replaceAll('::', '.') }]
      // PHP's global namespace has no name; one of C++ hides what it holds.
      return node.childForFieldName('body')?.type === 'compound_statement' ? [] : [{ name: '(anonymous)' }]
    case 'struct_specifier':
    case 'class_specifier':
    case 'union_specifier':
      return plain.map(({ name }) => ({ name: withoutTemplates(name).trim() }))
    case 'destructor_declaration':
      return plain.map(({ name }) => ({ name: `~${name}` }))
    case 'operator_declaration':
    case 'conversion_operator_declaration':
      return [{ name: `operator ${/\boperator\s*(?:checked\s+)?([^(]+?|\(\))\s*\(/.exec(textOf(node))?.[1] ?? ''}` }]
    case 'indexer_declaration':
      return [{ name: 'this[]' }]
    case 'assignment': {
      const left = node.childForFieldName('left')
      return left?.type === 'constant' ? [{ name: textOf(left) }] : []
    }
    case 'singleton_method':
      return plain.map(({ name }) => ({ name: `self.${name}` }))
    case 'module':
    case 'class':
      return plain.map(({ name }) => ({ name: name.replace(/^::/, '').replaceAll('::', '.') }))
    case 'property_declaration':
    case 'protocol_property_declaration':
      return properties(node, textOf)
    case 'const_declaration':
      return elements(node, 'const_element', textOf)
    case 'init_declaration':
      return [{ name: 'init' }]
    case 'deinit_declaration':
      return [{ name: 'deinit' }]
    case 'subscript_declaration':
      return [{ name: 'subscript' }]
    case 'secondary_constructor':
      return [{ name: 'constructor' }]
    case 'companion_object':
      return field ? plain : [{ name: 'Companion' }]
    case 'type_alias':
      return field ? plain : [{ name: /typealias\s+(\w+)/.exec(textOf(node))?.[1] ?? '' }]
    case 'class_declaration':
      return field ? [{ name: textOf(field), ...classKind(node) }] : []
    default:
      return plain
  }
}

/** Swift and Kotlin have one node type for all kinds of classes; a keyword before the name tells. */
function classKind(node: Node): { kind?: string } {
  const keyword = node.childForFieldName('declaration_kind')?.type
  if (keyword !== undefined) return { kind: keyword }
  if (node.children.some(({ type }) => type === 'interface')) return { kind: 'interface' }
  return node.children.some(({ type }) => type === 'enum_class_body') ? { kind: 'enum' } : {}
}

function properties(node: Node, textOf: (node: Node) => string): FoundName[] {
  const name = node.childForFieldName('name')
  const patterns = node.childrenForFieldName('name').filter(({ type }) => type === 'pattern')
  if (patterns.length > 0)
    return patterns.flatMap((pattern) => {
      const bound = pattern.childForFieldName('bound_identifier')
      return bound ? [{ name: textOf(bound) }] : []
    })
  if (name) return [{ name: textOf(name) }]
  const php = elements(node, 'property_element', textOf)
  if (php.length > 0) return php
  const kotlin = node.children.find(({ type }) => type === 'variable_declaration')
  return kotlin ? [{ name: textOf(kotlin).split(':')[0]?.trim() ?? '' }] : []
}

function elements(node: Node, type: string, textOf: (node: Node) => string): FoundName[] {
  return node.namedChildren
    .filter((child) => child.type === type)
    .map((child) => ({ name: /^[$\w\u0080-\uffff]+/.exec(textOf(child))?.[0] ?? '' }))
}

/** C: the innermost name of each declarator, and whether parentheses follow it. */
function declared(node: Node, textOf: (node: Node) => string): FoundName[] {
  return node.childrenForFieldName('declarator').flatMap((declarator) => {
    const inner = innermost(declarator)
    if (!inner) return []
    const isFunction = inner.type === 'operator_cast' || inner.parent?.type === 'function_declarator'
    if (node.type === 'field_declaration' && !isFunction) return []
    const full = textOf(inner)
    const name = inner.type === 'operator_cast' ? full.slice(0, full.indexOf('(')).trim() : withoutTemplates(full)
    const kind =
      node.type === 'type_definition'
        ? 'type'
        : node.type === 'function_definition' || isFunction
          ? 'function'
          : 'variable'
    const isMember = inner.type === 'field_identifier' || name.includes('.')
    return [{ name, kind: kind === 'function' && isMember ? 'method' : kind }]
  })
}

function innermost(declarator: Node): Node | undefined {
  if (/identifier$|^(?:operator_name|destructor_name|operator_cast)$/.test(declarator.type)) return declarator
  const next =
    declarator.childForFieldName('declarator') ??
    declarator.namedChildren.find(({ type }) =>
      /declarator$|identifier$|operator_name|operator_cast|destructor_name/.test(type),
    )
  return next ? innermost(next) : undefined
}

function withoutTemplates(name: string): string {
  let plain = name
  if (!/operator/.test(name))
    for (let last = ''; last !== plain;) [last, plain] = [plain, plain.replace(/<[^<>]*>/g, '')]
  return plain.replace(/\s*::\s*/g, '.')
}
