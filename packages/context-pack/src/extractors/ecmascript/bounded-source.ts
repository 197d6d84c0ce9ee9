/** The parser read more characters than any sensible file needs. */
export class ReadBudgetExceeded extends Error {
  override readonly name = 'ReadBudgetExceeded'
}

/**
 * A source text that counts how often the parser looks at a character. The grammar of TypeScript makes the parser try,
 * go back and try again; nested, that doubles the work per level, and 300 hostile bytes keep it busy for a minute. Counting
 * reads bounds the work the same way on every machine, which a time limit would not (CP-001).
 */
export class BoundedSource extends String {
  readonly #text: string
  #readsLeft: number

  constructor(text: string, reads: number) {
    super(text)
    this.#text = text
    this.#readsLeft = reads
  }

  override charCodeAt(index: number): number {
    this.#readsLeft -= 1
    if (this.#readsLeft < 0) throw new ReadBudgetExceeded('The parser exceeded its budget of character reads.')
    return this.#text.charCodeAt(index)
  }

  // The inherited methods would unwrap the object on every call; these keep the parser as fast as on a plain string.
  override slice(start?: number, end?: number): string {
    return this.#text.slice(start, end)
  }

  override codePointAt(index: number): number | undefined {
    return this.#text.codePointAt(index)
  }

  override toString(): string {
    return this.#text
  }
}
