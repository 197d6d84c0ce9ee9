import { cutRoughly, RAW_TEXT_LIMIT } from '@ctxlock/contracts/extraction-text'

const MAX_KEYS = 4096
/** Levels of keys that are reported. */
const LEVELS = 2
const NAMES_IN_HINT = 12

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

export interface JsonKey {
  /** With the key above it: `scripts.test`. */
  readonly path: string
  readonly depth: number
  /** The path and what the value holds: names of keys, or how many items. */
  hint: string
  /** Where the key starts and its value ends (UTF-16). */
  readonly start: number
  end: number
}

/** Reads the keys of a text that is known to be valid JSON, in one pass and with two levels of recursion at most. */
export class JsonKeys {
  readonly #text: string
  readonly #keys: JsonKey[] = []
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): readonly JsonKey[] {
    this.#skipBlanks()
    if (this.#unit() === OPEN_BRACE) this.#object('', 0)
    return this.#keys
  }

  /** The names for the hint; the keys themselves are noted on the first levels. */
  #object(prefix: string, depth: number): string {
    const names: string[] = []
    let count = 0
    this.#at += 1
    for (this.#skipBlanks(); this.#unit() !== CLOSE_BRACE; this.#skipSeparators()) {
      const start = this.#at
      this.#skipString()
      if (count < NAMES_IN_HINT || depth < LEVELS) {
        const name = stringValue(this.#text, start, this.#at)
        if (count < NAMES_IN_HINT) names.push(name)
        this.#skipSeparators()
        // A key of half a megabyte must not multiply with the keys below it.
        this.#value(cutRoughly(`${prefix}${name}`, RAW_TEXT_LIMIT), depth, start)
      } else {
        this.#skipSeparators()
        this.#skipValue()
      }
      count += 1
    }
    this.#at += 1
    return `${names.join(', ')}${count > NAMES_IN_HINT ? ', …' : ''}`
  }

  #value(path: string, depth: number, start: number): void {
    if (depth >= LEVELS || this.#keys.length >= MAX_KEYS) return this.#skipValue()
    const key: JsonKey = { path, depth, hint: path, start, end: start }
    this.#keys.push(key)
    const unit = this.#unit()
    if (unit === OPEN_BRACE) key.hint = `${path}: ${this.#object(`${path}.`, depth + 1)}`
    else if (unit === OPEN_BRACKET) key.hint = `${path}: ${this.#array()} items`
    else this.#skipValue()
    key.end = this.#at
  }

  /** How many items there are. */
  #array(): number {
    let count = 0
    this.#at += 1
    for (this.#skipBlanks(); this.#unit() !== CLOSE_BRACKET; this.#skipSeparators()) {
      this.#skipValue()
      count += 1
    }
    this.#at += 1
    return count
  }

  #skipValue(): void {
    let depth = 0
    do {
      const unit = this.#unit()
      if (unit === QUOTE) this.#skipString()
      else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
        depth += 1
        this.#at += 1
      } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) {
        depth -= 1
        this.#at += 1
      } else if (depth > 0) this.#at += 1
      else this.#skipScalar()
    } while (depth > 0)
  }

  /** A number, `true`, `false` or `null`. */
  #skipScalar(): void {
    for (let unit = this.#unit(); unit > 0x20 && !isPunctuation(unit); unit = this.#unit()) this.#at += 1
  }

  #skipString(): void {
    let end = this.#text.indexOf('"', this.#at + 1)
    while (isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1)
    this.#at = end + 1
  }

  #skipBlanks(): void {
    while (this.#unit() <= 0x20) this.#at += 1
  }

  /** Blanks with the one colon or comma among them. */
  #skipSeparators(): void {
    this.#skipBlanks()
    const unit = this.#unit()
    if (unit !== 0x3a && unit !== COMMA) return
    this.#at += 1
    this.#skipBlanks()
  }

  /** `NaN` behind the end. */
  #unit(): number {
    return this.#text.charCodeAt(this.#at)
  }
}

function isPunctuation(unit: number): boolean {
  return unit === COMMA || unit === CLOSE_BRACE || unit === CLOSE_BRACKET
}

/** Whether an odd number of backslashes stands before the quote at `at`. */
function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1
  return (at - first) % 2 === 1
}

function stringValue(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1)
  if (!raw.includes('\\')) return raw
  const value: unknown = JSON.parse(text.slice(start, end))
  return typeof value === 'string' ? value : raw
}
