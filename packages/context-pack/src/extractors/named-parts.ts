import type { Statement } from './babel-parser.ts'

/** A declaration, a member of one, or a test case: what an anchor is made of. Offsets are UTF-16. */
export interface NamedPart {
  readonly name: string
  readonly kind: string
  readonly start: number
  readonly end: number
  /** Where the body starts, or `end`. */
  readonly signatureEnd: number
  readonly node: PartNode
}

type Expression = Extract<Statement, { type: 'ExpressionStatement' }>['expression']
type Export = Extract<Statement, { type: 'ExportDefaultDeclaration' }>['declaration']
type ClassMember = Extract<Statement, { type: 'ClassDeclaration' }>['body']['body'][number]
type Callee = Extract<Expression, { type: 'CallExpression' }>['callee']
type MemberExpression = Extract<Expression, { type: 'MemberExpression' }>
type Owner = MemberExpression['object']
type PartNode = Statement | Expression | Export | ClassMember

const MAX_NAME_PARTS = 8
const TEST_CALLS = new Set(['describe', 'suite', 'it', 'test', 'context'])

/** What a statement declares, or the test it describes; nothing for a statement that has no name. */
export function namedParts(statement: Statement): NamedPart[] {
  switch (statement.type) {
    case 'ExportNamedDeclaration':
      return statement.declaration
        ? declared(statement.declaration, statement)
        : [part(exportedNames(statement), 'export', statement, undefined, statement)]
    case 'ExportAllDeclaration':
      return [part(`* from ${statement.source.value}`, 'export', statement, undefined, statement)]
    case 'TSExportAssignment':
      return [part('=', 'export', statement, undefined, statement)]
    case 'ExportDefaultDeclaration':
      return [defaultExport(statement.declaration, statement)]
    case 'ExpressionStatement':
      return named(statement.expression, statement)
    default:
      return declared(statement, statement)
  }
}

/** The members of a class, the declarations of a namespace and the cases of a test group. */
export function membersOf(part: NamedPart): NamedPart[] {
  const { node } = part
  switch (node.type) {
    case 'ClassDeclaration':
    case 'ClassExpression':
      return node.body.body.flatMap((member) => classMember(member))
    case 'TSModuleDeclaration':
      return node.body.type === 'TSModuleBlock' ? node.body.body.flatMap((statement) => namedParts(statement)) : []
    case 'CallExpression': {
      const body = node.arguments.at(-1)
      const isGroup = body?.type === 'ArrowFunctionExpression' || body?.type === 'FunctionExpression'
      if (!isGroup || body.body.type !== 'BlockStatement') return []
      return body.body.body.flatMap((statement) =>
        statement.type === 'ExpressionStatement' ? namedParts(statement) : [],
      )
    }
    default:
      return []
  }
}

function declared(node: Statement, outer: Statement): NamedPart[] {
  switch (node.type) {
    case 'FunctionDeclaration':
      return [part(node.id?.name ?? 'default', 'function', outer, node.body.start, node)]
    case 'TSDeclareFunction':
      return [part(node.id?.name ?? 'default', 'function', outer, undefined, node)]
    case 'ClassDeclaration':
      return [part(node.id?.name ?? 'default', 'class', outer, node.body.start, node)]
    case 'TSInterfaceDeclaration':
      return [part(node.id.name, 'interface', outer, node.body.start, node)]
    case 'TSTypeAliasDeclaration':
      return [part(node.id.name, 'type', outer, undefined, node)]
    case 'TSEnumDeclaration':
      return [part(node.id.name, 'enum', outer, node.body.start, node)]
    case 'TSModuleDeclaration':
      return [part(moduleName(node.id), 'namespace', outer, node.body.start, node)]
    case 'VariableDeclaration':
      return variables(node, outer)
    default:
      return []
  }
}

function variables(node: Extract<Statement, { type: 'VariableDeclaration' }>, outer: Statement): NamedPart[] {
  return node.declarations.flatMap((declarator, index) => {
    if (declarator.id.type !== 'Identifier') return []
    const { init } = declarator
    const isFunction = init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression'
    // Values stay out of a signature, where a secret might stand; numbers and booleans are the readable exception.
    const isPlain = init?.type === 'NumericLiteral' || init?.type === 'BooleanLiteral'
    const body = isFunction ? init.body.start : isPlain ? declarator.end : init?.start
    const range = node.declarations.length === 1 ? outer : { start: declarator.start, end: declarator.end }
    const whole = index === 0 ? { start: outer.start, end: range.end } : range
    return [part(declarator.id.name, isFunction ? 'function' : node.kind, whole, body, init ?? outer)]
  })
}

function defaultExport(node: Export, outer: Statement): NamedPart {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'ArrowFunctionExpression':
      return part('default', 'function', outer, node.body.start, node)
    case 'ClassDeclaration':
      return part('default', 'class', outer, node.body.start, node)
    case 'Identifier':
      return part('default', 'export', outer, undefined, node)
    default:
      return part('default', 'export', outer, node.start, node)
  }
}

function exportedNames({ specifiers }: Extract<Statement, { type: 'ExportNamedDeclaration' }>): string {
  return specifiers.map(({ exported }) => (exported.type === 'Identifier' ? exported.name : exported.value)).join(', ')
}

function named(expression: Expression, outer: Statement): NamedPart[] {
  if (expression.type === 'CallExpression') {
    const [title] = expression.arguments
    const callee = calleeName(expression.callee)
    if (!TEST_CALLS.has(callee) || title?.type !== 'StringLiteral') return []
    return [part(title.value, callee, outer, expression.arguments[1]?.start, expression)]
  }
  if (expression.type !== 'AssignmentExpression' || expression.left.type !== 'MemberExpression') return []
  const name = memberName(expression.left)
  if (name === undefined) return []
  const { right } = expression
  const body =
    right.type === 'FunctionExpression' || right.type === 'ArrowFunctionExpression' ? right.body.start : right.start
  const kind = /^(?:module\.)?exports(?:\.|$)/.test(name) ? 'export' : 'assignment'
  return [part(name, kind, outer, body, right)]
}

function classMember(member: ClassMember): NamedPart[] {
  switch (member.type) {
    case 'ClassMethod':
    case 'TSDeclareMethod': {
      const body = member.type === 'ClassMethod' ? member.body.start : undefined
      return member.key.type === 'Identifier' && !member.computed
        ? [part(member.key.name, 'method', member, body, member)]
        : []
    }
    case 'ClassPrivateMethod':
      return [part(`#${member.key.id.name}`, 'method', member, member.body.start, member)]
    case 'ClassProperty': {
      const { key, value } = member
      const isFunction = value?.type === 'ArrowFunctionExpression' || value?.type === 'FunctionExpression'
      return isFunction && key.type === 'Identifier' ? [part(key.name, 'method', member, value.body.start, member)] : []
    }
    default:
      return []
  }
}

/** `test` for `test(…)`, `test.each(…)(…)` and `test.concurrent(…)`. */
function calleeName(callee: Callee): string {
  let node: Callee | Owner = callee
  for (let step = 0; step < MAX_NAME_PARTS; step += 1) {
    if (node.type === 'Identifier') return node.name
    if (node.type === 'MemberExpression') node = node.object
    else if (node.type === 'CallExpression') node = node.callee
    else return ''
  }
  return ''
}

/** `a.b.c`, or undefined when a part of it is computed. */
function memberName(member: MemberExpression): string | undefined {
  let name = ''
  let node: Owner = member
  for (let step = 0; step < MAX_NAME_PARTS; step += 1) {
    if (node.type === 'Identifier') return `${node.name}${name}`
    if (node.type !== 'MemberExpression' || node.computed || node.property.type !== 'Identifier') return undefined
    name = `.${node.property.name}${name}`
    node = node.object
  }
  return undefined
}

function moduleName(id: { readonly type: string; readonly name?: string; readonly value?: string }): string {
  return id.name ?? id.value ?? 'global'
}

function part(
  name: string,
  kind: string,
  range: { readonly start?: number | null | undefined; readonly end?: number | null | undefined },
  bodyStart: number | null | undefined,
  node: PartNode,
): NamedPart {
  const start = range.start ?? 0
  const end = range.end ?? start
  return { name, kind, start, end, signatureEnd: bodyStart ?? end, node }
}
