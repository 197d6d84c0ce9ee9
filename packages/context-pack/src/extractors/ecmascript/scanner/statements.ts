import { type Import, type Part, TEST_CALLS } from '../outline.ts'
import { scanDecorators } from './class-body.ts'
import { scanDeclaration, type DeclarationContext } from './declarations.ts'
import { doubt } from './doubt.ts'
import { scanExport, scanImport } from './modules.ts'
import { scanExpressionStatement } from './named-expressions.ts'
import { endStatement } from './statement-end.ts'
import type { TokenStream } from './token-stream.ts'
import { scanValue } from './values.ts'

/** What is found while statements are read. */
interface Found {
  readonly parts: Part[]
  readonly imports: Import[]
}

/** Statements whose head is in parentheses and followed by another statement. */
const HEADS = new Set(['if', 'for', 'while', 'with', 'switch'])
/** Words with a statement or block right behind them. */
const LEADS = new Set(['else', 'try', 'finally'])
const JUMPS = new Set(['return', 'throw', 'break', 'continue', 'debugger'])

/** Reads the statements up to the end of the text. */
export function scanProgram(tokens: TokenStream, found: Found): void {
  while (tokens.kind !== 'end') scanStatement(tokens, found, true)
}

/** Reads statements up to the `}` that ends them. */
function scanBlock(tokens: TokenStream, parts: Part[], withMembers: boolean): void {
  const found = { parts, imports: [] }
  while (!tokens.is('}')) {
    if (tokens.kind === 'end') doubt(tokens.start)
    scanStatement(tokens, found, withMembers)
  }
}

function scanTests(tokens: TokenStream, parts: Part[]): void {
  const inner: Part[] = []
  scanBlock(tokens, inner, false)
  parts.push(...inner.filter(({ kind }) => TEST_CALLS.has(kind)))
}

function scanStatement(tokens: TokenStream, found: Found, withMembers: boolean): void {
  const { start } = tokens
  if (skipsToNested(tokens)) return scanNested(tokens)
  if (JUMPS.has(tokens.value)) return scanJump(tokens)
  if (tokens.is('do')) return scanDo(tokens)
  if (tokens.take(';')) return
  if (tokens.is('{')) return tokens.skipGroup()
  const context: DeclarationContext = { withMembers, scanStatements: scanBlock }
  if (tokens.is('@')) scanDecorators(tokens)
  if (tokens.is('export')) return void found.parts.push(...scanExport(tokens, start, context))
  if (tokens.is('import') && !isImportCall(tokens)) {
    const imported = scanImport(tokens)
    if (imported) found.imports.push(imported)
    return
  }
  const declared = scanDeclaration(tokens, start, context)
  found.parts.push(...(declared ?? scanExpressionStatement(tokens, withMembers, withMembers ? scanTests : undefined)))
}

/** Goes behind everything that comes before a statement that is part of another one, and says whether there was any. */
function skipsToNested(tokens: TokenStream): boolean {
  if (tokens.kind !== 'word') return false
  if (HEADS.has(tokens.value)) {
    tokens.advance()
    tokens.take('await')
    if (!tokens.is('(')) doubt(tokens.start)
    tokens.skipGroup()
    return true
  }
  if (tokens.take('catch')) {
    if (tokens.is('(')) tokens.skipGroup()
    return true
  }
  if (LEADS.has(tokens.value)) {
    tokens.advance()
    return true
  }
  // `label:`
  if (tokens.nextUnit() !== 0x3a || tokens.is('default')) return false
  tokens.advance()
  tokens.advance()
  return true
}

/** A statement inside another one declares nothing that is seen from outside. */
function scanNested(tokens: TokenStream): void {
  while (skipsToNested(tokens));
  scanStatement(tokens, { parts: [], imports: [] }, false)
}

/** `do { … } while (…)`; one without braces is left to the parser. */
function scanDo(tokens: TokenStream): void {
  tokens.expect('do')
  if (!tokens.is('{')) doubt(tokens.start)
  tokens.skipGroup()
  tokens.expect('while')
  if (!tokens.is('(')) doubt(tokens.start)
  tokens.skipGroup()
  tokens.take(';')
}

function scanJump(tokens: TokenStream): void {
  tokens.advance()
  const isAlone = tokens.isOnNewLine || tokens.is(';') || tokens.is('}') || tokens.kind === 'end'
  if (!isAlone) scanValue(tokens, { hasCommas: true })
  endStatement(tokens)
}

/** `import('./x')` and `import.meta` are expressions. */
function isImportCall(tokens: TokenStream): boolean {
  const next = String.fromCharCode(tokens.nextUnit())
  return next === '(' || next === '.'
}
