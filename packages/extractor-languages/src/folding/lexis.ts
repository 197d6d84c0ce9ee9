import type { Span } from './folds.ts'

/** What of a language has to be known to tell braces that hold code from those in literals and comments. */
export interface Lexis {
  /** Words before a brace that holds declarations; what another brace holds is nobody's member. */
  readonly containers: ReadonlySet<string>
  /** Words that say that the next brace holds none after all: where a declaration ends without a sign. */
  readonly members?: ReadonlySet<string>
  /** Node types of `//` and of block comments. */
  readonly comments: readonly [line: string, block: string]
  readonly nestedComments?: boolean
  /**
   * What `#` begins: a line that is no code, one that a backslash at its end continues, or, wherever it stands and before no bracket, a
   * comment.
   */
  readonly hash?: 'line' | 'continued' | 'comment'
  /** Whether directives choose between parts of the text that need not be whole declarations. */
  readonly hasConditions?: boolean
  /**
   * Behind the literal that begins at `at`, where one of `"'` and the backtick stands, or `at` itself when it is none after all; undefined
   * when it does not end.
   */
  literalEnd(text: string, at: number): number | undefined
  /**
   * What no parser can know, at or behind the word that begins at `at` in the declaration that begins at `openAt`: a macro that stands for
   * words of the language.
   */
  macro?(text: string, at: number, word: string, openAt: number): Span | undefined
}
