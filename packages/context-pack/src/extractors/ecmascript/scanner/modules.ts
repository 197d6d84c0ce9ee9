import type { Import, Part } from '../outline.ts'
import { scanDecorators } from './class-body.ts'
import { type DeclarationContext, scanDeclaration } from './declarations.ts'
import { doubt } from './doubt.ts'
import { endStatement } from './statement-end.ts'
import { stringValue } from './string-value.ts'
import type { TokenStream } from './token-stream.ts'
import { scanValue } from './values.ts'

/** Words that may stand between `import` and what is imported. */
const IMPORT_MODIFIERS = new Set(['type', 'typeof', 'defer', 'source'])

/** Goes behind the import at the current token; undefined for `import a = b`, which names no module by itself. */
export function scanImport(tokens: TokenStream): Import | undefined {
  const { start } = tokens
  tokens.expect('import')
  const names: string[] = []
  if (tokens.kind !== 'string') {
    if (!scanImportedNames(tokens, names)) {
      scanValue(tokens)
      endStatement(tokens)
      return undefined
    }
    tokens.expect('from')
  }
  const module = scanModule(tokens)
  return { module, names, start, end: endStatement(tokens) }
}

/** False when it was the left side of `import a = b`, of which the right side comes next. */
function scanImportedNames(tokens: TokenStream, names: string[]): boolean {
  skipImportModifier(tokens)
  if (tokens.kind === 'word') {
    names.push(tokens.value)
    tokens.advance()
    if (tokens.take('=')) return false
    if (!tokens.take(',')) return true
  }
  if (tokens.take('*')) {
    tokens.expect('as')
    names.push(scanSpecifierName(tokens))
  } else names.push(...scanSpecifiers(tokens))
  return true
}

/** `type` is also a name: `import type from 'x'`. */
function skipImportModifier(tokens: TokenStream): void {
  if (!IMPORT_MODIFIERS.has(tokens.value)) return
  const mark = tokens.mark()
  tokens.advance()
  const isModifier = tokens.is('{') || tokens.is('*') || (tokens.kind === 'word' && !tokens.is('from'))
  if (!isModifier) tokens.restore(mark)
}

/** The parts of the export at the current token; `start` is where its decorators start, if it has some. */
export function scanExport(tokens: TokenStream, start: number, context: DeclarationContext): Part[] {
  tokens.expect('export')
  return exportParts(tokens, start, context).map((part) => ({ ...part, isExport: true }))
}

function exportParts(tokens: TokenStream, start: number, context: DeclarationContext): Part[] {
  const { hasTypes } = tokens.source
  if (tokens.take('default')) return scanDefault(tokens, start, context)
  if (hasTypes && tokens.take('=')) {
    scanValue(tokens, { hasCommas: true })
    return [exportPart('=', start, endStatement(tokens))]
  }
  if (hasTypes && tokens.is('type') && '{*'.includes(String.fromCharCode(tokens.nextUnit()))) tokens.advance()
  if (tokens.is('*')) return [scanExportAll(tokens, start)]
  if (tokens.is('{')) return [scanExportList(tokens, start)]
  if (hasTypes && (tokens.is('import') || tokens.is('as'))) return scanUnnamed(tokens)
  if (tokens.is('@')) scanDecorators(tokens)
  return scanDeclaration(tokens, start, context) ?? doubt(tokens.start)
}

/** `export import a = b` and `export as namespace a`. */
function scanUnnamed(tokens: TokenStream): Part[] {
  if (tokens.is('import')) {
    if (scanImport(tokens)) doubt(tokens.start)
    return []
  }
  tokens.advance()
  tokens.expect('namespace')
  scanSpecifierName(tokens)
  endStatement(tokens)
  return []
}

function scanExportAll(tokens: TokenStream, start: number): Part {
  tokens.advance()
  const name = tokens.take('as') ? scanSpecifierName(tokens) : undefined
  tokens.expect('from')
  const module = scanModule(tokens)
  return exportPart(name ?? `* from ${module}`, start, endStatement(tokens))
}

function scanExportList(tokens: TokenStream, start: number): Part {
  const names = scanSpecifiers(tokens)
  if (tokens.take('from')) scanModule(tokens)
  return exportPart(names.join(', '), start, endStatement(tokens))
}

function scanDefault(tokens: TokenStream, start: number, context: DeclarationContext): Part[] {
  if (tokens.is('@')) scanDecorators(tokens)
  const { value } = tokens
  const isDeclaration = value === 'function' || value === 'class' || value === 'interface' || value === 'abstract'
  if (isDeclaration || value === 'async') {
    const declared = scanDeclaration(tokens, start, context)
    if (declared) return declared
  }
  const { functionBody, start: valueStart, isName } = scanValue(tokens, { hasCommas: true })
  const end = endStatement(tokens)
  if (functionBody !== undefined) return [{ ...exportPart('default', start, end, functionBody), kind: 'function' }]
  return [exportPart('default', start, end, isName ? end : valueStart)]
}

/** The names after `as`, or alone, in `{ a, type b, c as d }`: local in an import, public in an export. */
function scanSpecifiers(tokens: TokenStream): string[] {
  const names: string[] = []
  const { start } = tokens
  tokens.expect('{')
  while (!tokens.is('}')) {
    let name = scanSpecifierName(tokens)
    while (tokens.kind === 'word' || tokens.kind === 'string') name = scanSpecifierName(tokens)
    names.push(name)
    if (!tokens.is('}')) tokens.expect(',')
  }
  tokens.source.lastOpened = start
  tokens.advance()
  return names
}

function scanSpecifierName(tokens: TokenStream): string {
  const name = tokens.kind === 'string' ? stringValue(tokens) : tokens.value
  if (tokens.kind !== 'string' && tokens.kind !== 'word') doubt(tokens.start)
  tokens.advance()
  return name
}

/** The module a declaration names, and what it says about it: `'x' with { type: 'json' }`. */
function scanModule(tokens: TokenStream): string {
  const module = stringValue(tokens)
  tokens.advance()
  if ((tokens.is('with') || (tokens.is('assert') && !tokens.isOnNewLine)) && tokens.nextUnit() === 0x7b) {
    tokens.advance()
    tokens.skipGroup()
  }
  return module
}

function exportPart(name: string, start: number, end: number, signatureEnd = end): Part {
  return { name, kind: 'export', start, end, signatureEnd, isExport: true, members: [] }
}
