import { nextOffset } from './comments.ts'
import { Doubt, doubt } from './doubt.ts'
import type { TokenStream } from './token-stream.ts'

/** Words of the type grammar that another type follows. */
const PREFIXES = new Set(['keyof', 'typeof', 'readonly', 'unique', 'infer', 'asserts', 'abstract', 'new'])
/** What carries a type on when it starts a line. */
const CONTINUATIONS = new Set(['|', '&', '.', '=>', '?', ':'])
/** Operators after which `f<T>` was a call with type arguments only if a line ends there, and `f < T > x` otherwise. */
const NO_TYPE_ARGUMENTS_BEFORE = new Set(['<', '>', '+', '-'])
const STARTS_OPERAND = new Set(['[', '{', '!', '~', '++', '--', '@', '<<'])
const BINARY_WORDS = new Set(['in', 'instanceof', 'as', 'satisfies'])

/** Goes behind the type that starts at the current token. */
export function scanType(tokens: TokenStream): void {
  new TypeScan(tokens, false).run()
}

/** Goes behind the type parameters or arguments whose `<` is the current token. */
export function scanTypeArguments(tokens: TokenStream): void {
  new TypeScan(tokens, true).run()
}

/** Goes behind the type arguments of an expression, unless the current `<` compares. */
export function takeTypeArguments(tokens: TokenStream): boolean {
  const mark = tokens.mark()
  try {
    scanTypeArguments(tokens)
    if (mayFollowTypeArguments(tokens)) return true
  } catch (error) {
    if (!(error instanceof Doubt)) throw error
  }
  tokens.restore(mark)
  return false
}

function mayFollowTypeArguments({ kind, value, isOnNewLine }: TokenStream): boolean {
  if (value === '(' || kind === 'template') return true
  if (NO_TYPE_ARGUMENTS_BEFORE.has(value)) return false
  if (isOnNewLine || BINARY_WORDS.has(value)) return true
  return (kind === 'punctuator' || kind === 'end') && !STARTS_OPERAND.has(value)
}

/** How the parameters of a function type start; `(() => void) =>` starts a type in parentheses. */
const PARAMETERS = /(?:\)|\.\.\.|[{[]|[^\s()[\]{}<>:,?=."'`|&]+\s*[:,?=)])/y

class TypeScan {
  readonly #tokens: TokenStream
  /** Only what stands between `<` and `>`. */
  readonly #isArguments: boolean
  /** Whether the tokens so far are a type. */
  #isComplete = false
  /** For each open `<`, whether it follows a complete type; otherwise a function type comes after its `>`. */
  readonly #angles: boolean[] = []
  #isAfterParameters = false
  #isAfterImport = false
  /** Conditional types: `extends` without its `?`, `?` without its `:`. */
  #conditions = 0
  #branches = 0

  constructor(tokens: TokenStream, isArguments: boolean) {
    this.#tokens = tokens
    this.#isArguments = isArguments
    this.#isComplete = isArguments
  }

  run(): void {
    while (this.#step()) if (this.#isArguments && this.#angles.length === 0) return
    if (!this.#isComplete || this.#angles.length > 0) doubt(this.#tokens.start)
  }

  /** Takes one token; false when it no longer belongs to the type. */
  #step(): boolean {
    const { kind, value, isOnNewLine } = this.#tokens
    const isNested = this.#angles.length > 0
    if (isOnNewLine && this.#isComplete && !isNested && !this.#isArguments && !CONTINUATIONS.has(value)) return false
    const isAfterParameters = this.#isAfterParameters
    this.#isAfterParameters = false
    if (kind === 'word') return this.#word(value)
    if (kind === 'punctuator') return this.#punctuator(value, isAfterParameters)
    return kind !== 'end' && !this.#isComplete && this.#operand()
  }

  #word(value: string): boolean {
    this.#isAfterImport = value === 'import'
    if (!this.#isComplete) {
      if (!PREFIXES.has(value)) return this.#operand()
      // Some of them are also names of types and of what is asserted.
      const isName = !this.#tokens.isBeforeWord() && !/["'`({[<#]/.test(String.fromCharCode(this.#tokens.nextUnit()))
      return isName ? this.#operand() : this.#operator()
    }
    if (value === 'extends') this.#conditions += 1
    if (value === 'extends' || value === 'is') return this.#operator()
    // `const T`, `in out T`.
    return this.#angles.length > 0 && this.#operand()
  }

  #punctuator(value: string, isAfterParameters: boolean): boolean {
    const isNested = this.#angles.length > 0
    switch (value) {
      case '(':
        return this.#parenthesis()
      case '[':
      case '{':
        if (this.#isComplete && (value === '{' || this.#tokens.isOnNewLine)) return false
        return this.#group()
      case '<':
        this.#angles.push(this.#isComplete)
        return this.#operator()
      case '>':
        if (!isNested) return false
        this.#isComplete = this.#angles.pop() ?? true
        this.#tokens.advance()
        return true
      case '=>':
        return isAfterParameters && this.#operator()
      case '.':
        // What follows is a name, whatever the word: `z.infer`.
        this.#tokens.advance()
        return this.#tokens.kind === 'word' && this.#operand()
      case '|':
      case '&':
        return this.#operator()
      case '?':
        if (!this.#isComplete || this.#conditions === 0) return false
        this.#conditions -= 1
        this.#branches += 1
        return this.#operator()
      case ':':
        if (this.#branches === 0) return false
        this.#branches -= 1
        return this.#operator()
      case ',':
      case '=':
        return isNested && this.#operator()
      case '-':
        return !this.#isComplete && this.#operator()
      default:
        return false
    }
  }

  /** Parameters of a function type, a type in parentheses, or the module of `import('./x')`. */
  #parenthesis(): boolean {
    if (this.#isComplete && !this.#isAfterImport) return false
    this.#isAfterImport = false
    PARAMETERS.lastIndex = nextOffset(this.#tokens.text, this.#tokens.end)
    this.#isAfterParameters = !this.#isComplete && PARAMETERS.test(this.#tokens.text)
    return this.#group()
  }

  #group(): boolean {
    this.#tokens.skipGroup(true)
    this.#isComplete = true
    return true
  }

  #operand(): boolean {
    this.#tokens.advance()
    this.#isComplete = true
    return true
  }

  #operator(): boolean {
    this.#tokens.advance()
    this.#isComplete = false
    return true
  }
}
