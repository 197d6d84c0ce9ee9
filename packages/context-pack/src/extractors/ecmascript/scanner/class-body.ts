import type { Part } from '../outline.ts'
import { doubt } from './doubt.ts'
import { scanParametersAndBody } from './functions.ts'
import { stringValue } from './string-value.ts'
import type { TokenStream } from './token-stream.ts'
import { scanType, scanTypeArguments, takeTypeArguments } from './types.ts'
// oxlint-disable-next-line import/no-cycle -- a class holds values, and a value may be a class
import { scanValue } from './values.ts'

export interface ScannedClass {
  readonly name?: string
  readonly bodyStart: number
  readonly end: number
  readonly members: readonly Part[]
}

const MODIFIERS = new Set(
  'public private protected static abstract override readonly declare async get set accessor'.split(' '),
)
/** What makes the word before it the name of a member instead of a modifier. */
const ENDS_NAME = new Set(['(', '=', ';', ':', '?', '!', '<', '}', ','])
/** Modifiers that may stand on a line of their own. */
const MAY_END_LINE = new Set(['static', 'get', 'set'])

/** Goes behind the class whose `class` is the current token; its members are only read when asked for. */
export function scanClass(tokens: TokenStream, withMembers: boolean): ScannedClass {
  tokens.expect('class')
  const isNamed = tokens.kind === 'word' && !tokens.is('extends') && !tokens.is('implements')
  const name = isNamed ? tokens.value : undefined
  if (isNamed) tokens.advance()
  const { hasTypes } = tokens.source
  if (hasTypes && tokens.is('<')) scanTypeArguments(tokens)
  if (tokens.take('extends')) scanBaseClass(tokens)
  if (hasTypes && tokens.take('implements')) scanTypeList(tokens)
  if (!tokens.is('{')) doubt(tokens.start)
  const bodyStart = tokens.start
  const members: Part[] = []
  if (withMembers) scanMembers(tokens, members)
  else tokens.skipGroup()
  return { ...(name !== undefined && { name }), bodyStart, end: tokens.previousEnd, members }
}

/** `A, B<C>`, as after `implements`, or after the `extends` of an interface. */
export function scanTypeList(tokens: TokenStream): void {
  do scanType(tokens)
  while (tokens.take(','))
}

/** Goes behind `@a.b(c)` and the like, one after the other. */
export function scanDecorators(tokens: TokenStream): void {
  while (tokens.take('@')) {
    if (tokens.is('(')) tokens.skipGroup()
    else {
      do {
        if (tokens.kind !== 'word' && tokens.kind !== 'private') doubt(tokens.start)
        tokens.advance()
      } while (tokens.take('.'))
      if (tokens.is('<')) takeTypeArguments(tokens)
      if (tokens.is('(')) tokens.skipGroup()
    }
  }
}

/** What follows `extends`: a name, a call, an element of something; other expressions are left to the parser. */
function scanBaseClass(tokens: TokenStream): void {
  if (tokens.is('(')) tokens.skipGroup()
  else if (tokens.kind === 'word' && !tokens.is('class') && !tokens.is('function') && !tokens.is('new'))
    tokens.advance()
  else doubt(tokens.start)
  for (;;) {
    if (tokens.is('(') || tokens.is('[')) tokens.skipGroup()
    else if (tokens.take('.') || tokens.take('?.')) tokens.advance()
    else if (tokens.source.hasTypes && tokens.is('<')) scanTypeArguments(tokens)
    else return
  }
}

function scanMembers(tokens: TokenStream, members: Part[]): void {
  const { start } = tokens
  tokens.expect('{')
  while (!tokens.is('}')) if (!tokens.take(';')) scanMember(tokens, members)
  tokens.source.lastOpened = start
  tokens.advance()
}

function scanMember(tokens: TokenStream, members: Part[]): void {
  const { start } = tokens
  scanDecorators(tokens)
  if (scanModifiers(tokens)) return
  const name = scanMemberName(tokens)
  if (!tokens.take('?')) tokens.take('!')
  const isMethod = tokens.is('(') || tokens.is('<')
  const bodyStart = isMethod ? scanParametersAndBody(tokens) : scanField(tokens)
  const end = isMethod && bodyStart !== undefined ? tokens.previousEnd : endOfMember(tokens)
  if (name === undefined || (!isMethod && bodyStart === undefined)) return
  members.push({ name, kind: 'method', start, end, signatureEnd: bodyStart ?? end, isExport: false, members: [] })
}

/** Goes behind the words before a name; true when they turned out to be a static block. */
function scanModifiers(tokens: TokenStream): boolean {
  for (;;) {
    if (tokens.take('*')) return false
    if (tokens.kind !== 'word' || !MODIFIERS.has(tokens.value)) return false
    const { value } = tokens
    const mark = tokens.mark()
    tokens.advance()
    if (value === 'static' && tokens.is('{')) {
      tokens.skipGroup()
      return true
    }
    if (ENDS_NAME.has(tokens.value) || (tokens.isOnNewLine && !MAY_END_LINE.has(value))) {
      tokens.restore(mark)
      return false
    }
    // A field with accessors of its own: too new to be met often.
    if (value === 'accessor') doubt(tokens.start)
  }
}

/** Undefined for a name that is computed or a number. */
function scanMemberName(tokens: TokenStream): string | undefined {
  const { kind, value } = tokens
  if (tokens.is('[')) {
    tokens.skipGroup()
    return undefined
  }
  if (kind !== 'word' && kind !== 'private' && kind !== 'string' && kind !== 'number') doubt(tokens.start)
  const name = kind === 'string' ? stringValue(tokens) : kind === 'number' ? undefined : value
  tokens.advance()
  return name
}

/** Goes behind type and value; returns where the body starts when the value is a function. */
function scanField(tokens: TokenStream): number | undefined {
  if (tokens.source.hasTypes && tokens.take(':')) scanType(tokens)
  return tokens.take('=') ? scanValue(tokens).functionBody : undefined
}

function endOfMember(tokens: TokenStream): number {
  const { end, previousEnd } = tokens
  if (tokens.take(';')) return end
  if (!tokens.is('}') && !tokens.isOnNewLine) doubt(tokens.start)
  return previousEnd
}
