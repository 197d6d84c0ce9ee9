import type { Statement } from './babel-parser.ts'
import { assignmentKind, MAX_NAME_PARTS, TEST_CALLS, TEST_GROUPS, type Part } from './outline.ts'

type Expression = Extract<Statement, { type: 'ExpressionStatement' }>['expression']
type Export = Extract<Statement, { type: 'ExportDefaultDeclaration' }>['declaration']
type Value = Extract<Statement, { type: 'VariableDeclaration' }>['declarations'][number]['init']
type ClassNode = Extract<Statement, { type: 'ClassDeclaration' }>
type ClassMember = ClassNode['body']['body'][number]
type Call = Extract<Expression, { type: 'CallExpression' }>
type MemberExpression = Extract<Expression, { type: 'MemberExpression' }>
type FlowNode = NonNullable<Extract<Statement, { type: 'DeclareExportDeclaration' }>['declaration']>
type FlowModule = Extract<Statement, { type: 'DeclareModule' }>
type ModuleNode = Extract<Statement, { type: 'TSModuleDeclaration' }>

interface Located {
  readonly start?: number | null | undefined
  readonly end?: number | null | undefined
}

/** What a statement declares, or the test it describes; nothing for a statement that has no name. */
export function partsOf(statement: Statement, isNested = false): Part[] {
  switch (statement.type) {
    case 'ExportNamedDeclaration':
      return statement.declaration
        ? declared(statement.declaration, statement, isNested).map((declaration) => ({
            ...declaration,
            isExport: true,
          }))
        : [exportPart(exportedNames(statement), statement)]
    case 'ExportAllDeclaration':
      return [exportPart(`* from ${statement.source.value}`, statement)]
    case 'TSExportAssignment':
      return [exportPart('=', statement)]
    case 'ExportDefaultDeclaration':
      return [{ ...defaultExport(statement.declaration, statement), isExport: true }]
    case 'ExpressionStatement':
      return named(statement.expression, statement)
    default:
      return declared(statement, statement, isNested)
  }
}

/** Members of members are left out. */
function declared(node: Statement | FlowNode, outer: Statement, isNested: boolean): Part[] {
  switch (node.type) {
    case 'FunctionDeclaration':
      return [part(node.id?.name ?? 'default', 'function', outer, node.body.start)]
    case 'TSDeclareFunction':
      return [part(node.id?.name ?? 'default', 'function', outer)]
    case 'ClassDeclaration':
      return [part(node.id?.name ?? 'default', 'class', outer, node.body.start, isNested ? [] : classMembers(node))]
    case 'TSInterfaceDeclaration':
    case 'InterfaceDeclaration':
    case 'DeclareInterface':
      return [part(node.id.name, 'interface', outer, node.body.start)]
    case 'DeclareClass':
      return [part(node.id.name, 'class', outer, node.body.start)]
    case 'DeclareFunction':
      return [part(node.id.name, 'function', outer)]
    case 'DeclareVariable':
      return [part(node.id.name, 'var', outer)]
    case 'TypeAlias':
    case 'OpaqueType':
    case 'DeclareTypeAlias':
    case 'DeclareOpaqueType':
    case 'TSTypeAliasDeclaration':
      return [part(node.id.name, 'type', outer)]
    case 'TSEnumDeclaration':
      return [part(node.id.name, 'enum', outer, node.body.start)]
    case 'TSModuleDeclaration':
      return [namespacePart(node, outer, isNested)]
    case 'DeclareModule':
      return [flowModulePart(node, outer, isNested)]
    case 'DeclareExportDeclaration':
      return node.declaration
        ? declared(node.declaration, outer, isNested).map((declaration) => ({ ...declaration, isExport: true }))
        : []
    case 'VariableDeclaration':
      return variables(node, outer, isNested)
    default:
      return []
  }
}

function namespacePart(node: ModuleNode, outer: Statement, isNested: boolean): Part {
  // `declare module 'x'` has no body, whatever the types of the parser say.
  const body: ModuleNode['body'] | null | undefined = node.body
  const statements = !isNested && body?.type === 'TSModuleBlock' ? body.body : []
  const members = statements.flatMap((statement) => partsOf(statement, true))
  return part(moduleName(node.id), 'namespace', outer, body?.start, members)
}

function flowModulePart({ id, body }: FlowModule, outer: Statement, isNested: boolean): Part {
  const members = isNested ? [] : body.body.flatMap((statement) => partsOf(statement, true))
  return part(moduleName(id), 'namespace', outer, body.start, members)
}

function moduleName(id: ModuleNode['id']): string {
  switch (id.type) {
    case 'Identifier':
      return id.name
    case 'StringLiteral':
      return id.value
    default:
      return qualifiedName(id)
  }
}

interface QualifiedName {
  readonly type: string
  readonly name?: string
  readonly left?: QualifiedName
  readonly right?: { readonly name: string }
}

function qualifiedName(id: QualifiedName): string {
  let name = ''
  let node: QualifiedName | undefined = id
  while (node?.right !== undefined) {
    name = `.${node.right.name}${name}`
    node = node.left
  }
  return `${node?.name ?? ''}${name}`
}

function variables(
  node: Extract<Statement, { type: 'VariableDeclaration' }>,
  outer: Statement,
  isNested: boolean,
): Part[] {
  return node.declarations.flatMap((declarator, index) => {
    if (declarator.id.type !== 'Identifier') return []
    const value = unwrapped(declarator.init)
    // Values stay out of a signature, where a secret might stand; numbers and booleans are the readable exception.
    const isPlain = value?.type === 'NumericLiteral' || value?.type === 'BooleanLiteral'
    const isFunction = bodyOf(value) !== undefined
    const end = node.declarations.length === 1 ? outer.end : declarator.end
    return [
      part(
        declarator.id.name,
        isFunction ? 'function' : node.kind,
        { start: index === 0 ? outer.start : declarator.start, end },
        isPlain ? declarator.end : (bodyOf(value) ?? valueStart(declarator.init)),
        isNested || value?.type !== 'ClassExpression' ? [] : classMembers(value),
      ),
    ]
  })
}

function defaultExport(node: Export, outer: Statement): Part {
  const { type } = node
  if (type === 'FunctionDeclaration' || type === 'TSDeclareFunction' || type === 'ClassDeclaration') {
    const [declaration] = declared(node, outer, false)
    if (declaration) return declaration
  }
  if (type === 'TSInterfaceDeclaration') return part(node.id.name, 'interface', outer, node.body.start)
  if (isParenthesized(node)) return part('default', 'export', outer, valueStart(node))
  if (type === 'ArrowFunctionExpression') return part('default', 'function', outer, valueStart(node.body))
  return part('default', 'export', outer, type === 'Identifier' ? undefined : node.start)
}

function exportPart(name: string, outer: Statement): Part {
  return { ...part(name, 'export', outer), isExport: true }
}

function exportedNames({ specifiers }: Extract<Statement, { type: 'ExportNamedDeclaration' }>): string {
  return specifiers.map(({ exported }) => (exported.type === 'Identifier' ? exported.name : exported.value)).join(', ')
}

function named(expression: Expression, outer: Statement): Part[] {
  if (isParenthesized(expression)) return []
  if (expression.type === 'CallExpression') return testPart(expression, outer)
  if (expression.type !== 'AssignmentExpression' || expression.operator !== '=') return []
  if (expression.left.type !== 'MemberExpression' || isParenthesized(expression.left)) return []
  const name = memberName(expression.left)
  if (name === undefined) return []
  const value = unwrapped(expression.right)
  const members = value?.type === 'ClassExpression' ? classMembers(value) : []
  const kind = assignmentKind(name)
  const assignment = part(name, kind, outer, bodyOf(value) ?? valueStart(expression.right), members)
  return [{ ...assignment, isExport: kind === 'export' }]
}

function testPart(call: Call, outer: Statement): Part[] {
  const [title] = call.arguments
  const words = calledWords(call)
  const kind = words[0] ?? ''
  if (!TEST_CALLS.has(kind) || title?.type !== 'StringLiteral') return []
  const members = words.some((word) => TEST_GROUPS.has(word)) ? testCases(call) : []
  return [part(title.value, kind, outer, valueStart(call.arguments[1]), members)]
}

function testCases(call: Call): Part[] {
  const body = call.arguments.at(-1)
  const isFunction = body?.type === 'ArrowFunctionExpression' || body?.type === 'FunctionExpression'
  if (!isFunction || isParenthesized(body) || body.body.type !== 'BlockStatement') return []
  return body.body.body.flatMap((statement) => {
    const isCall = statement.type === 'ExpressionStatement' && statement.expression.type === 'CallExpression'
    return isCall ? partsOf(statement).map((inner) => ({ ...inner, members: [] })) : []
  })
}

/** The words of `test.concurrent.each(…)(…)` from the first; none when something else is called. */
function calledWords(call: Call): string[] {
  const words: string[] = []
  let node: Call['callee'] | MemberExpression['object'] = call.callee
  for (let step = 0; step < MAX_NAME_PARTS; step += 1) {
    if (node.type === 'Identifier') return [node.name, ...words]
    if (node.type === 'CallExpression') node = node.callee
    else if (node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier') {
      words.unshift(node.property.name)
      node = node.object
    } else return []
  }
  return []
}

function classMembers({ body }: { readonly body: ClassNode['body'] }): Part[] {
  return body.body.flatMap((member) => classMember(member))
}

function classMember(member: ClassMember): Part[] {
  const name = memberKey(member)
  if (name === undefined) return []
  switch (member.type) {
    case 'ClassMethod':
    case 'ClassPrivateMethod':
      return [part(name, 'method', member, member.body.start)]
    case 'TSDeclareMethod':
      return [part(name, 'method', member)]
    case 'ClassProperty':
    case 'ClassPrivateProperty': {
      const body = bodyOf(unwrapped(member.value))
      return body === undefined ? [] : [part(name, 'method', member, body)]
    }
    default:
      return []
  }
}

/** Undefined for what has no name of its own: computed keys, static blocks, index signatures. */
function memberKey(member: ClassMember): string | undefined {
  if (!('key' in member) || ('computed' in member && member.computed)) return undefined
  switch (member.key.type) {
    case 'Identifier':
      return member.key.name
    case 'StringLiteral':
      return member.key.value
    case 'PrivateName':
      return `#${member.key.id.name}`
    default:
      return undefined
  }
}

/** `a.b.c`, or undefined when a part of it is computed. */
function memberName(member: MemberExpression): string | undefined {
  let name = ''
  let node: MemberExpression['object'] = member
  for (let step = 0; step < MAX_NAME_PARTS; step += 1) {
    if (node.type === 'Identifier') return `${node.name}${name}`
    if (node.type !== 'MemberExpression' || node.computed || node.property.type !== 'Identifier') return undefined
    name = `.${node.property.name}${name}`
    node = node.object
  }
  return undefined
}

/** Where the body of a function starts; undefined for any other value. */
function bodyOf(value: Value | Export): number | undefined {
  const isFunction = value?.type === 'ArrowFunctionExpression' || value?.type === 'FunctionExpression'
  return isFunction ? valueStart(value.body) : undefined
}

/** A value in parentheses is a value like any other, whatever it holds. */
function unwrapped<Node extends object | null | undefined>(node: Node): Node | undefined {
  return isParenthesized(node) ? undefined : node
}

function isParenthesized(node: object | null | undefined): boolean {
  return parenthesisOf(node) !== undefined
}

/** Where a value starts, its parentheses included. */
function valueStart(node: (Located & object) | null | undefined): number | undefined {
  return parenthesisOf(node) ?? node?.start ?? undefined
}

function parenthesisOf(node: object | null | undefined): number | undefined {
  const extra: unknown = node && 'extra' in node ? node.extra : undefined
  const start: unknown = extra && typeof extra === 'object' && 'parenStart' in extra ? extra.parenStart : undefined
  return typeof start === 'number' ? start : undefined
}

function part(
  name: string,
  kind: string,
  range: Located,
  signatureEnd?: number | null,
  members: readonly Part[] = [],
): Part {
  const start = range.start ?? 0
  const end = range.end ?? start
  return { name, kind, start, end, signatureEnd: signatureEnd ?? end, isExport: false, members }
}
