import { isBlank, isDigit, isLineEnd, isWordUnit } from './characters.ts'
import { skipComment } from './comments.ts'
import { doubt } from './doubt.ts'
import { skipRegularExpression, skipString } from './literals.ts'
import { skipElement, skipGroup, skipTemplate } from './nesting.ts'
import { expectsOperand } from './operand.ts'
import type { Source } from './source.ts'

export type TokenKind = 'end' | 'word' | 'private' | 'number' | 'string' | 'template' | 'regexp' | 'punctuator'

/** Longest first. `>` stands alone, because it closes type arguments. */
const PUNCTUATORS = new Map<string, readonly string[]>()
for (const punctuator of (
  '... => === !== == != <<= << <= && &&= || ||= ?? ??= ?. ++ -- **= ** += -= *= /= %= &= |= ^= ' +
  '. = ! < > & | ? + - * / % ^ ~ , ; : @ ( ) [ ] { }'
).split(' ')) {
  const head = punctuator.charAt(0)
  const known = PUNCTUATORS.get(head) ?? []
  PUNCTUATORS.set(
    head,
    [...known, punctuator].toSorted((a, b) => b.length - a.length),
  )
}

/** What `restore` goes back to. */
export interface Mark {
  readonly offset: number
  readonly previousEnd: number
  readonly isOnNewLine: boolean
  readonly lastOpened: number
}

/**
 * The tokens of a text, one at a time. Brackets are tokens of their own until somebody skips the whole group: what is
 * inside one is only read where members are looked for.
 */
export class TokenStream {
  readonly source: Source
  readonly text: string
  kind: TokenKind = 'end'
  /** The word or punctuator as it is written; empty for other tokens. */
  value = ''
  start = 0
  end = 0
  isOnNewLine = true
  /** Where the token before this one ended. */
  previousEnd = 0

  constructor(source: Source) {
    this.source = source
    this.text = source.text
    if (this.text.startsWith('#!')) while (!isLineEnd(this.text.charCodeAt(this.end)) && !this.#isAtEnd()) this.end += 1
    this.advance()
  }

  advance(): void {
    this.previousEnd = this.end
    this.#skipBlanks()
    this.#read(this.text.charCodeAt(this.start))
  }

  /** Whether the current token is this word or punctuator. */
  is(value: string): boolean {
    return this.value === value
  }

  /** Goes on when the current token is `value`, and says whether it was. */
  take(value: string): boolean {
    if (this.value !== value) return false
    this.advance()
    return true
  }

  expect(value: string): void {
    if (!this.take(value)) doubt(this.start)
  }

  /** Goes behind the group that the current token opens. */
  skipGroup(isType = false): void {
    this.end = skipGroup(this.source, this.start, isType)
    this.advance()
  }

  /** Goes behind the element that the current `<` opens. */
  skipElement(): void {
    this.end = skipElement(this.source, this.start)
    this.advance()
  }

  /** The unit that follows the current token, after spaces on the same line. */
  nextUnit(): number {
    let at = this.end
    while (this.text.charCodeAt(at) === 0x20 || this.text.charCodeAt(at) === 0x09) at += 1
    return this.text.charCodeAt(at)
  }

  /** Whether a word follows on the same line, so that the current one may be a keyword. */
  isBeforeWord(): boolean {
    const unit = this.nextUnit()
    return isWordUnit(unit) && !isDigit(unit)
  }

  mark(): Mark {
    const { start: offset, previousEnd, isOnNewLine } = this
    return { offset, previousEnd, isOnNewLine, lastOpened: this.source.lastOpened }
  }

  /** Reads the same text again; what was read in vain counts against the budget of the source. */
  restore({ offset, previousEnd, isOnNewLine, lastOpened }: Mark): void {
    this.source.rereadsLeft -= this.end - offset
    if (this.source.rereadsLeft < 0) doubt(offset)
    this.source.forgetCommentsFrom(offset)
    this.source.lastOpened = lastOpened
    this.end = offset
    this.advance()
    this.previousEnd = previousEnd
    this.isOnNewLine = isOnNewLine
  }

  #isAtEnd(): boolean {
    return this.end >= this.text.length
  }

  /** Moves `start` to the next token. */
  #skipBlanks(): void {
    const { text } = this
    this.isOnNewLine = this.end === 0
    let at = this.end
    for (;;) {
      const unit = text.charCodeAt(at)
      if (unit === 0x2f) {
        const end = skipComment(this.source, at)
        if (end === at) break
        this.isOnNewLine ||= spansLines(text, at, end)
        at = end
      } else if (isBlank(unit)) {
        this.isOnNewLine ||= isLineEnd(unit)
        at += 1
      } else break
    }
    this.start = at
  }

  #read(unit: number): void {
    const { text, start } = this
    if (isWordUnit(unit)) {
      if (isDigit(unit)) this.#set('number', numberEnd(text, start))
      else this.#setWord('word', start)
    } else if (unit === 0x22 || unit === 0x27) this.#set('string', skipString(text, start))
    else if (unit === 0x60) this.#set('template', skipTemplate(this.source, start))
    else if (unit === 0x23) this.#setWord('private', start + 1)
    else if (start >= text.length) this.#set('end', start)
    else if (unit === 0x2e && isDigit(text.charCodeAt(start + 1))) this.#set('number', numberEnd(text, start))
    else if (unit === 0x2f && expectsOperand(this.source, start)) {
      this.#set('regexp', wordEnd(text, skipRegularExpression(this.source, start)))
    } else this.#setPunctuator(text[start] ?? '')
  }

  #setWord(kind: TokenKind, from: number): void {
    this.#set(kind, wordEnd(this.text, from))
    if (this.end === from) doubt(from)
    this.value = this.text.slice(this.start, this.end)
  }

  #setPunctuator(head: string): void {
    const { text, start } = this
    const value = PUNCTUATORS.get(head)?.find((punctuator) => text.startsWith(punctuator, start))
    if (value === undefined) doubt(start)
    // `a?.5:b` is no optional chain.
    const length = value === '?.' && isDigit(text.charCodeAt(start + 2)) ? 1 : value.length
    this.#set('punctuator', start + length)
    this.value = value.slice(0, length)
  }

  #set(kind: TokenKind, end: number): void {
    this.kind = kind
    this.value = ''
    this.end = end
  }
}

function wordEnd(text: string, from: number): number {
  let end = from
  while (isWordUnit(text.charCodeAt(end))) end += 1
  // An identifier with an escape: rare enough to be left to the parser.
  if (text[end] === '\\') doubt(end)
  return end
}

/** `1_000n`, `0xff`, `1.5e-3`. */
function numberEnd(text: string, from: number): number {
  let end = from
  for (;;) {
    const unit = text.charCodeAt(end)
    const isExponentSign =
      (unit === 0x2b || unit === 0x2d) && /^(?!0[xX])[\d._]+[eE]$/.test(text.slice(Math.max(from, end - 40), end))
    if (isWordUnit(unit) || unit === 0x2e || isExponentSign) end += 1
    else return end
  }
}

function spansLines(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (isLineEnd(text.charCodeAt(at))) return true
  return false
}
