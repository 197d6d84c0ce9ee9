import ts from 'typescript-5'

import { parseModule } from '../../../../packages/context-pack/src/extractors/ecmascript/babel-parser.ts'
import { commentsAbove, lineNumbers, type CommentLines } from './lines.ts'
import { scanOutline } from '../../../../packages/context-pack/src/extractors/ecmascript/scan-outline.ts'
import type { Oracle, OracleSymbol } from './oracle.ts'

/** The syntax tree of TypeScript 5.9, walked by code of its own. */
export const typescriptOracle: Oracle = {
  parser: `typescript ${ts.version}`,
  languageOf(path) {
    if (/\.[cm]?ts$/i.test(path)) return 'TypeScript'
    if (/\.tsx$/i.test(path)) return 'TSX'
    return /\.(?:[cm]?js|jsx)$/i.test(path) ? 'JavaScript' : undefined
  },
  symbolsOf(path, text) {
    const file = ts.createSourceFile(path, text, { languageVersion: ts.ScriptTarget.Latest }, true)
    const errors: unknown = Reflect.get(file, 'parseDiagnostics')
    if (!Array.isArray(errors) || errors.length > 0) return undefined
    return symbolsOfFile(file)
  },
  peers: {
    'scanner only': (path, text) => scanOutline(text, path),
    'babel (parser only)': (path, text) => parseModule(text, path),
  },
}

interface Named {
  readonly name: string
  readonly kind: string
  /** What carries start and end. */
  readonly from: ts.Node
  readonly to: ts.Node
  /** What may hold members. */
  readonly body?: ts.Node | undefined
}

function symbolsOfFile(file: ts.SourceFile): OracleSymbol[] {
  const { text } = file
  const lineAt = lineNumbers(text)
  const outer = file.statements.flatMap((statement) => namedBy(statement))
  return outer.flatMap((named) => [
    located(named, named.name),
    ...membersOf(named).map((member) => located(member, `${named.name}.${member.name}`)),
  ])

  function located({ kind, from, to }: Named, name: string): OracleSymbol {
    const startLine = lineAt(from.getStart(file))
    return { name, kind, startLine: commentsAbove(startLine, commentsBefore(from)), endLine: lineAt(to.end - 1) }
  }

  /** The comments between the token before a node and the node, as far as they stand alone on their lines. */
  function commentsBefore(node: ts.Node): CommentLines[] {
    const after = ts.getTrailingCommentRanges(text, node.pos) ?? []
    return [...after, ...(ts.getLeadingCommentRanges(text, node.pos) ?? [])]
      .filter(({ pos }) => text.slice(text.lastIndexOf('\n', pos - 1) + 1, pos).trim() === '')
      .map(({ pos, end }) => ({ startLine: lineAt(pos), endLine: lineAt(end - 1) }))
  }
}

function namedBy(statement: ts.Statement): Named[] {
  if (ts.isVariableStatement(statement)) return variablesOf(statement)
  if (ts.isExportAssignment(statement)) return [exportAssignment(statement)]
  if (ts.isExportDeclaration(statement)) return [whole(exportedNames(statement), 'export', statement)]
  if (ts.isExpressionStatement(statement)) return namedByExpression(statement)
  if (ts.isModuleDeclaration(statement)) return [namespaceOf(statement)]
  if (ts.isFunctionDeclaration(statement)) return [declared('function', statement)]
  if (ts.isClassDeclaration(statement)) return [declared('class', statement)]
  if (ts.isInterfaceDeclaration(statement)) return [declared('interface', statement)]
  if (ts.isTypeAliasDeclaration(statement)) return [declared('type', statement)]
  return ts.isEnumDeclaration(statement) ? [declared('enum', statement)] : []
}

function declared(kind: string, statement: ts.DeclarationStatement): Named {
  return whole(nameText(statement.name) ?? 'default', kind, statement)
}

/** With several in one statement, each stands for itself; the first begins where the statement does. */
function variablesOf(statement: ts.VariableStatement): Named[] {
  const { declarations } = statement.declarationList
  return declarations.flatMap((declaration, index) => {
    if (!ts.isIdentifier(declaration.name)) return []
    return {
      name: declaration.name.text,
      kind: isFunctionValue(declaration.initializer) ? 'function' : 'variable',
      from: index === 0 ? statement : declaration,
      to: declarations.length === 1 ? statement : declaration,
      body: declaration.initializer,
    }
  })
}

function exportAssignment(statement: ts.ExportAssignment): Named {
  if (statement.isExportEquals) return whole('=', 'export', statement)
  return whole('default', ts.isArrowFunction(statement.expression) ? 'function' : 'export', statement)
}

function exportedNames({ exportClause, moduleSpecifier }: ts.ExportDeclaration): string {
  if (exportClause === undefined) return `* from ${nameText(moduleSpecifier)}`
  if (ts.isNamespaceExport(exportClause)) return exportClause.name.text
  return exportClause.elements.map(({ name }) => name.text).join(', ')
}

function namespaceOf(statement: ts.ModuleDeclaration): Named {
  const names: string[] = []
  let node: ts.Node | undefined = statement
  while (node !== undefined && ts.isModuleDeclaration(node)) {
    names.push(node.name.text)
    node = node.body
  }
  return { name: names.join('.'), kind: 'namespace', from: statement, to: statement, body: node }
}

/** `a.b = …` and `describe('…', …)`. */
function namedByExpression(statement: ts.ExpressionStatement): Named[] {
  const { expression } = statement
  if (ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    const name = ts.isPropertyAccessExpression(expression.left) ? accessPath(expression.left) : undefined
    if (name === undefined) return []
    const kind = /^(?:module\.)?exports(?:\.|$)/.test(name) ? 'export' : 'assignment'
    return [{ name, kind, from: statement, to: statement, body: expression.right }]
  }
  const test = testCall(expression)
  return test ? [{ ...test, from: statement, to: statement }] : []
}

function accessPath(access: ts.PropertyAccessExpression): string | undefined {
  const { expression: owner, name } = access
  if (access.questionDotToken || !ts.isIdentifier(name)) return undefined
  if (ts.isIdentifier(owner)) return `${owner.text}.${name.text}`
  const path = ts.isPropertyAccessExpression(owner) ? accessPath(owner) : undefined
  return path === undefined ? undefined : `${path}.${name.text}`
}

const TEST_WORDS = ['describe', 'suite', 'context', 'it', 'test']

function testCall(expression: ts.Expression): { name: string; kind: string; body?: ts.Node } | undefined {
  if (!ts.isCallExpression(expression) || expression.questionDotToken) return undefined
  const words = calledWords(expression.expression)
  const kind = words?.at(-1) ?? ''
  const [title] = expression.arguments
  if (!TEST_WORDS.includes(kind) || title === undefined || !ts.isStringLiteral(title)) return undefined
  const last = expression.arguments.at(-1)
  const isGroup = words?.some((word) => TEST_WORDS.indexOf(word) >= 0 && TEST_WORDS.indexOf(word) < 3)
  const body = isGroup && last && (ts.isArrowFunction(last) || ts.isFunctionExpression(last)) ? last.body : undefined
  return { name: title.text, kind, ...(body && { body }) }
}

/** The words of `test.each(…)` from the last to the first. */
function calledWords(callee: ts.Expression): string[] | undefined {
  if (ts.isIdentifier(callee)) return [callee.text]
  if (ts.isCallExpression(callee)) return calledWords(callee.expression)
  if (!ts.isPropertyAccessExpression(callee)) return undefined
  const rest = calledWords(callee.expression)
  return rest && [callee.name.text, ...rest]
}

function membersOf({ body, from }: Named): Named[] {
  const node = body ?? from
  if (ts.isClassDeclaration(node) || ts.isClassExpression(node)) return node.members.flatMap(memberOf)
  if (ts.isModuleBlock(node)) return node.statements.flatMap((statement) => namedBy(statement))
  // The cases of a group of tests.
  if (!ts.isBlock(node) || !ts.isExpressionStatement(from)) return []
  return node.statements.flatMap((statement) => {
    const test = ts.isExpressionStatement(statement) ? testCall(statement.expression) : undefined
    return test ? [{ ...test, from: statement, to: statement }] : []
  })
}

/** Methods, accessors, constructors and properties whose value is a function. */
function memberOf(member: ts.ClassElement): Named[] {
  if (ts.isConstructorDeclaration(member)) return [whole('constructor', 'method', member)]
  const isMethod =
    ts.isMethodDeclaration(member) ||
    ts.isAccessor(member) ||
    (ts.isPropertyDeclaration(member) &&
      isFunctionValue(member.initializer) &&
      !member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AccessorKeyword))
  const name = nameText(member.name)
  return isMethod && name !== undefined ? [whole(name, 'method', member)] : []
}

function isFunctionValue(value: ts.Expression | undefined): boolean {
  return value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))
}

/** Undefined for a computed name. */
function nameText(name: ts.Node | undefined): string | undefined {
  if (name === undefined) return undefined
  const isPlain = ts.isIdentifier(name) || ts.isPrivateIdentifier(name) || ts.isStringLiteral(name)
  return isPlain ? name.text : undefined
}

function whole(name: string, kind: string, node: ts.Node): Named {
  return { name, kind, from: node, to: node }
}
