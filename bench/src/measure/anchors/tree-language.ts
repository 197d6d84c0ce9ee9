/** What the oracle knows of one grammar. Queries find declarations anywhere in the tree; the rest says how to read a match. */
export interface TreeLanguage {
  readonly endings: RegExp
  readonly package: string
  readonly wasm: string
  /** Whether the grammar's authors publish `queries/tags.scm`. */
  readonly hasTags: boolean
  /** Node types of declarations with our word for them; those the tags leave out are found by these. */
  readonly kinds: Readonly<Record<string, string>>
  /** Bodies of these are local: what they declare is no part of the file's outline. */
  readonly functions: readonly string[]
  /** Types and namespaces, whose names come before those of their members. */
  readonly containers: readonly string[]
  /** One declaration with its decorators or template parameters. */
  readonly wrappers?: readonly string[]
  readonly comments: readonly string[]
}
