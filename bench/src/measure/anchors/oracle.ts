// What an independent parser says a file declares: the other side of the comparison in `measure -- anchors`.

export interface OracleSymbol {
  /** As an anchor names it: a member as `Owner.member`, a default export without a name as `default`. */
  readonly name: string
  /** A word such as `function`; `kinds.ts` says which words mean the same. */
  readonly kind: string
  /**
   * From 1, lines end at LF. A comment that stands alone on its lines and ends on the line before the declaration belongs to
   * it, and so does one that ends on the line before such a comment: `commentsAbove` is that rule.
   */
  readonly startLine: number
  readonly endLine: number
}

/**
 * One per family of languages. A symbol is every named declaration at the top level of the file (functions, types, classes,
 * namespaces, variables bound to a plain name, exports) and the named members of classes and namespaces below one, as far
 * as they have a body. Shares no code with the extractors.
 */
export interface Oracle {
  /** Name and version of the parser. */
  readonly parser: string
  /** The language of a file, as the row of the result is called; undefined for files of other families. */
  languageOf(path: string): string | undefined
  /** Loads the parser. Awaited before the first file. */
  prepare?(): Promise<void>
  /** Undefined when the file has syntax errors: nobody can say then what is right. */
  symbolsOf(path: string, text: string): readonly OracleSymbol[] | undefined
  /** Other work over the same files to be timed beside the extractor, by name. */
  readonly peers?: Readonly<Record<string, (path: string, text: string) => unknown>>
}
