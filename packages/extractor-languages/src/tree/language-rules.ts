import type { Node } from 'web-tree-sitter'

import type { Folds } from '../folding/folds.ts'

/** What the node types of one grammar mean: data that the walker reads, with small functions where a name is buried. */
export interface LanguageRules {
  readonly comments: ReadonlySet<string>
  /** Stand directly above a declaration and belong to it, as a comment does. */
  readonly attributes?: ReadonlySet<string>
  /** Looked into as if they were not there: conditional parts, wrapping statements; declarations only if they have no members. */
  readonly transparent: Pick<ReadonlySet<string>, 'has'>
  /** Hold one declaration and count as part of it: decorators, template parameters. */
  isWrapper?(node: Node): boolean
  readonly imports: ReadonlySet<string>
  /** For languages whose imports are ordinary calls. */
  isImport?(node: Node, source: SourceOf): boolean
  readonly declarations: Readonly<Record<string, DeclarationRule>>
  /** Between the name of a type and that of its member; a dot if left out. */
  readonly separator?: string
  /** Text that documents the file or a declaration from within, such as a docstring; the node and its text are one. */
  readonly docstrings?: ReadonlySet<string>
  /** What of a text the parser need not read; it reads everything if left out. */
  fold?(text: string): Folds | undefined
  /** Whether other files may use what is declared. `source` reads the text of a node. */
  isPublic(declared: Declared, source: SourceOf): boolean
}

export type SourceOf = (node: Node) => string

export interface Declared {
  readonly node: Node
  /** Without the names of what it stands in. */
  readonly name: string
  readonly path: string
}

export interface DeclarationRule {
  /** A word for the reader; undefined when this node declares nothing after all. */
  readonly kind: string | ((node: Node, source: SourceOf) => string | undefined)
  /** The text of the field `name` if left out. */
  readonly names?: (node: Node, source: SourceOf) => readonly string[]
  /** The type that a member declared outside of it belongs to. */
  readonly owner?: (node: Node, source: SourceOf) => string | undefined
  /** Where the signature ends; the start of the field `body` if left out. */
  readonly body?: (node: Node) => Node | null
  /** A type that is declared on the way, as in `struct a { … } b`: it has the lines of the whole. */
  readonly inlineType?: (node: Node, source: SourceOf) => Node | null
  /** What holds the members; nothing if left out. */
  readonly members?: (node: Node) => Node | null
  /** Where it ends, if not where the node does. */
  readonly last?: (node: Node) => Node | null
  /** Only as a statement of the file itself, not of a type, a namespace or a condition. */
  readonly onlyAtTop?: boolean
}

/** The field `body`, which holds members in most grammars. */
export const bodyOf = (node: Node): Node | null => node.childForFieldName('body')

/** The first child of one of the types. */
export function childOfType(node: Node, ...types: readonly string[]): Node | null {
  return node.namedChildren.find((child) => types.includes(child.type)) ?? null
}
