import type { Part } from '../outline.ts'
import { scanClass, scanTypeList } from './class-body.ts'
import { doubt } from './doubt.ts'
import { scanFunction } from './functions.ts'
import { endStatement } from './statement-end.ts'
import { stringValue } from './string-value.ts'
import type { TokenStream } from './token-stream.ts'
import { scanType, scanTypeArguments } from './types.ts'
import { scanValue, type Value } from './values.ts'

/** Reads the statements of a namespace, from behind its `{` to its `}`. */
export type ScanStatements = (tokens: TokenStream, parts: Part[], withMembers: boolean) => void

/** How a declaration is read. */
export interface DeclarationContext {
  readonly withMembers: boolean
  readonly scanStatements: ScanStatements
}

type Scan = (tokens: TokenStream, start: number, context: DeclarationContext) => Part[]

const ALWAYS: Readonly<Record<string, Scan>> = {
  function: functionPart,
  class: classPart,
  enum: enumPart,
  var: variableParts,
  const: variableParts,
}
/** Words that declare something only when a name follows on the same line. */
const BEFORE_NAME: Readonly<Record<string, Scan>> = {
  let: variableParts,
  using: variableParts,
  async: functionPart,
}
const BEFORE_NAME_IN_TYPESCRIPT: Readonly<Record<string, Scan>> = {
  abstract: classPart,
  interface: interfacePart,
  type: typePart,
  namespace: namespacePart,
  module: namespacePart,
  global: namespacePart,
  declare: ambientPart,
}

/** The parts of the declaration at the current token, which `start` opens; undefined when it is none. */
export function scanDeclaration(tokens: TokenStream, start: number, context: DeclarationContext): Part[] | undefined {
  return declarationAt(tokens)?.(tokens, start, context)
}

function declarationAt(tokens: TokenStream): Scan | undefined {
  const { kind, value, source } = tokens
  if (kind !== 'word') return undefined
  if (Object.hasOwn(ALWAYS, value)) return ALWAYS[value]
  if (Object.hasOwn(BEFORE_NAME, value)) return isBeforeName(tokens) ? BEFORE_NAME[value] : undefined
  const isTyped = source.hasTypes && Object.hasOwn(BEFORE_NAME_IN_TYPESCRIPT, value)
  return isTyped && isBeforeName(tokens) ? BEFORE_NAME_IN_TYPESCRIPT[value] : undefined
}

function isBeforeName(tokens: TokenStream): boolean {
  const next = String.fromCharCode(tokens.nextUnit())
  switch (tokens.value) {
    case 'async':
      return /^[ \t]*function\b/.test(tokens.text.slice(tokens.end, tokens.end + 40))
    case 'let':
      return tokens.isBeforeWord() || next === '[' || next === '{'
    case 'module':
      return tokens.isBeforeWord() || next === '"' || next === "'"
    case 'global':
      return next === '{'
    default:
      return tokens.isBeforeWord()
  }
}

function functionPart(tokens: TokenStream, start: number): Part[] {
  tokens.take('async')
  const { name = 'default', bodyStart } = scanFunction(tokens)
  return [
    partOf(name, 'function', start, bodyStart === undefined ? endStatement(tokens) : tokens.previousEnd, bodyStart),
  ]
}

function classPart(tokens: TokenStream, start: number, { withMembers }: DeclarationContext): Part[] {
  tokens.take('abstract')
  const { name = 'default', bodyStart, end, members } = scanClass(tokens, withMembers)
  return [partOf(name, 'class', start, end, bodyStart, members)]
}

function interfacePart(tokens: TokenStream, start: number): Part[] {
  tokens.advance()
  const name = scanName(tokens)
  if (tokens.is('<')) scanTypeArguments(tokens)
  if (tokens.take('extends')) scanTypeList(tokens)
  return [bodyPart(tokens, name, 'interface', start)]
}

function enumPart(tokens: TokenStream, start: number): Part[] {
  tokens.advance()
  return [bodyPart(tokens, scanName(tokens), 'enum', start)]
}

function bodyPart(tokens: TokenStream, name: string, kind: string, start: number): Part {
  const bodyStart = tokens.start
  if (!tokens.is('{')) doubt(bodyStart)
  tokens.skipGroup(kind === 'interface')
  return partOf(name, kind, start, tokens.previousEnd, bodyStart)
}

function typePart(tokens: TokenStream, start: number): Part[] {
  tokens.advance()
  const name = scanName(tokens)
  if (tokens.is('<')) scanTypeArguments(tokens)
  tokens.expect('=')
  scanType(tokens)
  return [partOf(name, 'type', start, endStatement(tokens))]
}

function namespacePart(
  tokens: TokenStream,
  start: number,
  { withMembers, scanStatements }: DeclarationContext,
): Part[] {
  if (!tokens.is('global')) tokens.advance()
  const name = scanModuleName(tokens)
  // `declare module 'x'`
  if (!tokens.is('{')) return [partOf(name, 'namespace', start, endStatement(tokens))]
  const bodyStart = tokens.start
  const members: Part[] = []
  if (withMembers) {
    tokens.advance()
    scanStatements(tokens, members, false)
    tokens.source.lastOpened = bodyStart
    tokens.expect('}')
  } else tokens.skipGroup()
  return [partOf(name, 'namespace', start, tokens.previousEnd, bodyStart, members)]
}

function scanModuleName(tokens: TokenStream): string {
  if (tokens.kind === 'string') {
    const name = stringValue(tokens)
    tokens.advance()
    return name
  }
  let name = scanName(tokens)
  while (tokens.take('.')) name += `.${scanName(tokens)}`
  return name
}

function ambientPart(tokens: TokenStream, start: number, context: DeclarationContext): Part[] {
  tokens.advance()
  return scanDeclaration(tokens, start, context) ?? doubt(start)
}

function variableParts(tokens: TokenStream, start: number, { withMembers }: DeclarationContext): Part[] {
  const kind = tokens.value
  tokens.advance()
  if (kind === 'const' && tokens.is('enum')) return enumPart(tokens, start)
  const variables: Variable[] = []
  do variables.push(scanVariable(tokens, withMembers))
  while (tokens.take(','))
  const end = endStatement(tokens)
  return variables.flatMap((variable, index) => {
    if (variable.name === undefined) return []
    // The first starts where the statement does, and one alone ends where the statement does.
    const first = index === 0 ? start : variable.start
    const last = variables.length === 1 ? end : variable.end
    const { value } = variable
    const isFunction = value?.functionBody !== undefined
    // Values stay out of a signature, where a secret might stand; numbers and booleans are the readable exception.
    const signatureEnd = value?.isPlain ? variable.end : (value?.functionBody ?? value?.start)
    return partOf(variable.name, isFunction ? 'function' : kind, first, last, signatureEnd, value?.members)
  })
}

interface Variable {
  readonly start: number
  readonly end: number
  /** Undefined for a pattern. */
  readonly name: string | undefined
  readonly value: Value | undefined
}

function scanVariable(tokens: TokenStream, withMembers: boolean): Variable {
  const { start, kind, value: word } = tokens
  if (tokens.is('[') || tokens.is('{')) tokens.skipGroup()
  else scanName(tokens)
  tokens.take('!')
  if (tokens.source.hasTypes && tokens.take(':')) scanType(tokens)
  const value = tokens.take('=') ? scanValue(tokens, { withMembers }) : undefined
  return { start, end: tokens.previousEnd, name: kind === 'word' ? word : undefined, value }
}

function scanName(tokens: TokenStream): string {
  const { kind, value } = tokens
  if (kind !== 'word') doubt(tokens.start)
  tokens.advance()
  return value
}

function partOf(
  name: string,
  kind: string,
  start: number,
  end: number,
  bodyStart: number = end,
  members: readonly Part[] = [],
): Part {
  return { name, kind, start, end, signatureEnd: bodyStart, isExport: false, members }
}
