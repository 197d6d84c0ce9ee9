import { assignmentKind, MAX_NAME_PARTS, type Part, TEST_CALLS, TEST_GROUPS } from '../outline.ts'
import { isBlank } from './characters.ts'
import { doubt } from './doubt.ts'
import { endStatement } from './statement-end.ts'
import { stringValue } from './string-value.ts'
import type { TokenStream } from './token-stream.ts'
import { scanType, takeTypeArguments } from './types.ts'
import { scanValue } from './values.ts'

/** Reads the statements of a test group, from behind its `{` to its `}`, and keeps the tests among them. */
export type ScanTests = (tokens: TokenStream, parts: Part[]) => void

/** Words that start an expression without being a name in it. */
const NO_NAMES = new Set(
  'this super new typeof void delete await yield throw import function class async null true false'.split(' '),
)

interface TestCall {
  readonly title: string
  readonly secondArgument: number | undefined
  readonly cases: readonly Part[]
}

/**
 * The part that an expression statement makes: `a.b = …`, or a call such as `describe('…', …)`. Goes behind the statement
 * in any case. `scanTests` is given where the cases of a group are wanted.
 */
export function scanExpressionStatement(tokens: TokenStream, withMembers: boolean, scanTests?: ScanTests): Part[] {
  const { start } = tokens
  if (tokens.kind !== 'word' || NO_NAMES.has(tokens.value)) {
    scanValue(tokens, { hasCommas: true })
    endStatement(tokens)
    return []
  }
  const names = scanNames(tokens)
  if (tokens.is('=')) return scanAssignment(tokens, start, names, withMembers)
  return TEST_CALLS.has(names[0] ?? '') ? scanTest(tokens, start, names, scanTests) : scanRest(tokens)
}

/** `a.b.c` */
function scanNames(tokens: TokenStream): string[] {
  const names = [tokens.value]
  tokens.advance()
  while (tokens.is('.')) {
    tokens.advance()
    if (tokens.kind !== 'word' && tokens.kind !== 'private') doubt(tokens.start)
    names.push(tokens.value)
    tokens.advance()
  }
  return names
}

/** The statement goes on in a way that makes no part. */
function scanRest(tokens: TokenStream): Part[] {
  scanValue(tokens, { hasCommas: true, isStarted: true })
  endStatement(tokens)
  return []
}

function scanAssignment(tokens: TokenStream, start: number, names: readonly string[], withMembers: boolean): Part[] {
  tokens.advance()
  const isNamed = names.length > 1 && names.length <= MAX_NAME_PARTS && !names.some((name) => name.startsWith('#'))
  const value = scanValue(tokens, { withMembers: withMembers && isNamed })
  if (tokens.is(',')) return scanRest(tokens)
  const end = endStatement(tokens)
  if (!isNamed) return []
  const name = names.join('.')
  const kind = assignmentKind(name)
  const signatureEnd = value.functionBody ?? value.start
  return [{ name, kind, start, end, signatureEnd, isExport: kind === 'export', members: value.members }]
}

/** `test.each(…)('…', …)`: the last call names the test. */
function scanTest(tokens: TokenStream, start: number, names: readonly string[], scanTests?: ScanTests): Part[] {
  const words = [...names]
  let steps = names.length - 1
  let call: TestCall | undefined
  for (;;) {
    if (tokens.is('<') && tokens.source.hasTypes && takeTypeArguments(tokens)) continue
    if (tokens.is('(')) {
      const isGroup = words.some((word) => TEST_GROUPS.has(word))
      call = scanTestCall(tokens, isGroup ? scanTests : undefined)
    } else if (tokens.take('.')) {
      words.push(tokens.value)
      call = undefined
      tokens.advance()
    } else break
    steps += 1
  }
  const isStatement = tokens.kind === 'end' || tokens.is(';') || tokens.is('}') || (tokens.isOnNewLine && isNew(tokens))
  if (call === undefined || !isStatement || steps > MAX_NAME_PARTS) return scanRest(tokens)
  const end = endStatement(tokens)
  const { title, secondArgument = end, cases } = call
  return [
    { name: title, kind: words[0] ?? '', start, end, signatureEnd: secondArgument, isExport: false, members: cases },
  ]
}

/** Whether a token on a new line starts a statement of its own; in doubt the rest of the expression says. */
function isNew({ kind, value }: TokenStream): boolean {
  if (kind === 'word') return value !== 'in' && value !== 'instanceof'
  return kind === 'string' || kind === 'number' || value === '@' || value === '{'
}

/** Goes behind the arguments whose `(` is the current token; undefined when the first is no title. */
function scanTestCall(tokens: TokenStream, scanTests?: ScanTests): TestCall | undefined {
  if (!isBeforeQuote(tokens)) {
    tokens.skipGroup()
    return undefined
  }
  const mark = tokens.mark()
  tokens.advance()
  const title = stringValue(tokens)
  tokens.advance()
  const isTitle = tokens.is(',') || tokens.is(')')
  const secondArgument = isTitle && tokens.take(',') && !tokens.is(')') ? tokens.start : undefined
  if (isTitle && scanTests) {
    const cases = scanCases(tokens, scanTests)
    tokens.source.lastOpened = mark.offset
    tokens.expect(')')
    return { title, secondArgument, cases }
  }
  tokens.restore(mark)
  tokens.skipGroup()
  return isTitle ? { title, secondArgument, cases: [] } : undefined
}

function isBeforeQuote({ text, end }: TokenStream): boolean {
  let at = end
  while (isBlank(text.charCodeAt(at))) at += 1
  return text[at] === '"' || text[at] === "'"
}

/** The tests in the function that is the last argument, up to the `)`; undefined when that is something else. */
function scanCases(tokens: TokenStream, scanTests: ScanTests): Part[] {
  const cases: Part[] = []
  while (!tokens.is(')')) {
    cases.length = 0
    const mark = tokens.mark()
    if (scanFunctionHead(tokens)) {
      const { start } = tokens
      tokens.expect('{')
      scanTests(tokens, cases)
      tokens.source.lastOpened = start
      tokens.expect('}')
    } else {
      tokens.restore(mark)
      scanValue(tokens)
    }
    if (!tokens.is(')')) tokens.expect(',')
  }
  return cases
}

/** From `async () =>` or `function ()` to the `{` of the body; false when there is no such thing. */
function scanFunctionHead(tokens: TokenStream): boolean {
  tokens.take('async')
  if (tokens.take('function') && tokens.kind === 'word') tokens.advance()
  if (tokens.kind === 'word') tokens.advance()
  else if (tokens.is('(')) tokens.skipGroup()
  else return false
  if (tokens.source.hasTypes && tokens.take(':')) scanType(tokens)
  tokens.take('=>')
  return tokens.is('{')
}
