import type { Part } from '../outline.ts'
// oxlint-disable-next-line import/no-cycle -- a value may be a class, and a class holds values
import { scanClass } from './class-body.ts'
import { doubt } from './doubt.ts'
import { scanFunction } from './functions.ts'
import { startsElement } from './jsx.ts'
import type { TokenStream } from './token-stream.ts'
import { scanType, scanTypeArguments, takeTypeArguments } from './types.ts'

/** An expression, as far as a part is described by it. */
export interface Value {
  readonly start: number
  /** Where the body starts when the expression is a function and nothing else. */
  readonly functionBody?: number
  /** A number or a boolean. */
  readonly isPlain: boolean
  /** A name alone. */
  readonly isName: boolean
  /** Of a class expression. */
  readonly members: readonly Part[]
}

interface ValueOptions {
  /** Whether a comma carries the expression on, as it does in a statement. */
  readonly hasCommas?: boolean
  /** Whether the token before the current one was an operand already. */
  readonly isStarted?: boolean
  /** Whether the members of a class are wanted. */
  readonly withMembers?: boolean
}

/** Words that start an operand and are none. */
const PREFIX_WORDS = new Set(['new', 'typeof', 'void', 'delete', 'await', 'yield', 'throw'])
/** Words that stand in no expression. */
const STATEMENT_WORDS = new Set(
  'if for while do switch case default try catch finally else const var return break continue with extends enum export debugger in instanceof'.split(
    ' ',
  ),
)
const PREFIXES = new Set(['+', '-', '!', '~', '++', '--', '...'])
/** What starts a line without carrying on the expression before it, beside words and literals. */
const STARTS_STATEMENT = new Set(['!', '~', '++', '--', '@', '{', '#', '...'])
const CLOSERS = new Set([';', ')', ']', '}'])

/** Goes behind the expression that starts at the current token; semicolons may be left out where the language allows it. */
export function scanValue(tokens: TokenStream, options: ValueOptions = {}): Value {
  return new ValueScan(tokens, options).run()
}

class ValueScan {
  readonly #tokens: TokenStream
  readonly #hasCommas: boolean
  readonly #withMembers: boolean
  readonly #start: number
  readonly #firstEnd: number
  readonly #startsPlain: boolean
  readonly #startsWithName: boolean
  /** Whether the tokens so far are an operand. */
  #isComplete: boolean
  /** `?` without its `:`. */
  #branches = 0
  /** Whether nothing came so far that would make a function that follows part of something else. */
  #isDirect: boolean
  /** Whether the operand was a group that may hold the parameters of an arrow function. */
  #isAfterParameters = false
  #isAfterArrowBody = false
  #functionBody: number | undefined
  #members: readonly Part[] = []

  constructor(tokens: TokenStream, { hasCommas = false, isStarted = false, withMembers = false }: ValueOptions) {
    this.#tokens = tokens
    this.#hasCommas = hasCommas
    this.#withMembers = withMembers
    this.#start = tokens.start
    this.#firstEnd = tokens.end
    this.#startsPlain = isPlain(tokens)
    this.#startsWithName = tokens.kind === 'word'
    this.#isComplete = isStarted
    this.#isDirect = !isStarted
  }

  run(): Value {
    while (this.#step());
    if (!this.#isComplete || this.#branches > 0) doubt(this.#tokens.start)
    const isSingle = this.#tokens.previousEnd === this.#firstEnd
    return {
      start: this.#start,
      ...(this.#functionBody !== undefined && { functionBody: this.#functionBody }),
      isPlain: isSingle && this.#startsPlain,
      isName: isSingle && this.#startsWithName && !this.#startsPlain,
      members: this.#members,
    }
  }

  /** Takes what comes next; false when it no longer belongs to the expression. */
  #step(): boolean {
    if (!this.#isComplete) return this.#operand()
    if (this.#isEnd()) return false
    const isAfterParameters = this.#isAfterParameters
    this.#isAfterParameters = false
    if (this.#tokens.is('=>')) return this.#arrow()
    if (this.#tokens.is(':') && this.#branches === 0) return isAfterParameters && this.#returnType()
    this.#functionBody = this.#isDirect ? undefined : this.#functionBody
    this.#members = []
    return this.#continuation()
  }

  #isEnd(): boolean {
    const { kind, value, isOnNewLine } = this.#tokens
    if (kind === 'end' || CLOSERS.has(value) || (value === ',' && !this.#hasCommas)) return true
    if (!isOnNewLine) return false
    if (this.#isAfterArrowBody) return value !== ',' && value !== ':'
    if (kind === 'word') return value !== 'in' && value !== 'instanceof'
    return (kind !== 'punctuator' && kind !== 'template') || STARTS_STATEMENT.has(value)
  }

  #operand(): boolean {
    const { kind, value } = this.#tokens
    if (kind === 'word') return this.#word(value)
    if (kind === 'end') doubt(this.#tokens.start)
    if (kind !== 'punctuator') return this.#completeBy(() => this.#tokens.advance())
    if (value === '(' || value === '[' || value === '{') {
      this.#isAfterParameters = value === '('
      return this.#completeBy(() => this.#tokens.skipGroup())
    }
    if (value === '<') return this.#angle()
    if (!PREFIXES.has(value)) doubt(this.#tokens.start)
    this.#isDirect = false
    this.#tokens.advance()
    return true
  }

  #word(value: string): boolean {
    if (STATEMENT_WORDS.has(value)) doubt(this.#tokens.start)
    if (value === 'function') return this.#function()
    if (value === 'class') return this.#class()
    if (PREFIX_WORDS.has(value)) {
      this.#isDirect = false
      this.#tokens.advance()
      // `new.target`
      if (value === 'new' && this.#tokens.take('.')) return this.#completeBy(() => this.#tokens.advance())
      return true
    }
    const isAsync = value === 'async' && this.#tokens.isBeforeWord()
    this.#tokens.advance()
    if (isAsync && this.#tokens.is('function')) return this.#function()
    if (isAsync && this.#tokens.kind === 'word' && !isOperatorWord(this.#tokens.value)) this.#tokens.advance()
    this.#isComplete = true
    // `async (a) =>` and `async <T>(a) =>` look like calls.
    if (value !== 'async') return true
    if (this.#tokens.is('<') && this.#tokens.source.hasTypes) takeTypeArguments(this.#tokens)
    if (!this.#tokens.is('(') || this.#tokens.isOnNewLine) return true
    this.#isAfterParameters = true
    return this.#completeBy(() => this.#tokens.skipGroup())
  }

  #function(): boolean {
    const { bodyStart } = scanFunction(this.#tokens)
    if (bodyStart === undefined) doubt(this.#tokens.start)
    if (this.#isDirect) this.#functionBody = bodyStart
    this.#isComplete = true
    return true
  }

  #class(): boolean {
    const { members } = scanClass(this.#tokens, this.#isDirect && this.#withMembers)
    if (this.#isDirect) this.#members = members
    this.#isComplete = true
    return true
  }

  /** An element, the type parameters of an arrow function, or a type assertion. */
  #angle(): boolean {
    const { source, start } = this.#tokens
    if (source.hasJsx && startsElement(source, start)) {
      this.#isDirect = false
      return this.#completeBy(() => this.#tokens.skipElement())
    }
    if (!source.hasTypes) doubt(start)
    scanTypeArguments(this.#tokens)
    return true
  }

  #arrow(): boolean {
    this.#tokens.advance()
    if (this.#isDirect) this.#functionBody = this.#tokens.start
    this.#isDirect = false
    if (this.#tokens.is('{')) {
      this.#isAfterArrowBody = true
      return this.#completeBy(() => this.#tokens.skipGroup())
    }
    this.#isComplete = false
    return true
  }

  #returnType(): boolean {
    if (!this.#tokens.source.hasTypes) return false
    this.#tokens.advance()
    scanType(this.#tokens)
    if (!this.#tokens.is('=>')) doubt(this.#tokens.start)
    return true
  }

  #continuation(): boolean {
    const { kind, value, source, start } = this.#tokens
    if (this.#isAfterArrowBody && value !== ',' && value !== ':') doubt(start)
    this.#isAfterArrowBody = false
    if (kind === 'template') return this.#completeBy(() => this.#tokens.advance())
    if (kind === 'word') return this.#operatorWord(value)
    if (kind !== 'punctuator') doubt(start)
    switch (value) {
      case '(':
      case '[':
        return this.#completeBy(() => this.#tokens.skipGroup())
      case '.':
      case '?.':
        return this.#member(value)
      case '!':
      case '++':
      case '--':
        return this.#completeBy(() => this.#tokens.advance())
      case '<':
        if (source.hasTypes && takeTypeArguments(this.#tokens)) return true
        break
      case '?':
        this.#branches += 1
        break
      case ':':
        this.#branches -= 1
        break
      case '{':
      case '~':
      case '@':
      case '...':
        doubt(start)
    }
    return this.#operator()
  }

  #operatorWord(value: string): boolean {
    const { source, start } = this.#tokens
    if (value === 'in' || value === 'instanceof') return this.#operator()
    if (!source.hasTypes || (value !== 'as' && value !== 'satisfies')) doubt(start)
    return this.#completeBy(() => {
      this.#tokens.advance()
      scanType(this.#tokens)
    })
  }

  #member(value: string): boolean {
    this.#tokens.advance()
    if (this.#tokens.kind === 'word' || this.#tokens.kind === 'private') this.#tokens.advance()
    else if (value !== '?.') doubt(this.#tokens.start)
    return true
  }

  #operator(): boolean {
    this.#isDirect = false
    this.#isComplete = false
    const isGreater = this.#tokens.is('>')
    this.#tokens.advance()
    // `>=`, `>>`, `>>>=`: one token each only where no type can end.
    while (isGreater && (this.#tokens.is('>') || this.#tokens.is('=')) && isAdjacent(this.#tokens))
      this.#tokens.advance()
    return true
  }

  #completeBy(take: () => void): boolean {
    take()
    this.#isComplete = true
    return true
  }
}

function isAdjacent({ start, previousEnd }: TokenStream): boolean {
  return start === previousEnd
}

function isPlain({ kind, value, text, start, end }: TokenStream): boolean {
  if (kind === 'number') return !text.slice(start, end).endsWith('n')
  return kind === 'word' && (value === 'true' || value === 'false')
}

function isOperatorWord(value: string): boolean {
  return value === 'in' || value === 'of' || value === 'instanceof' || value === 'as' || value === 'satisfies'
}
