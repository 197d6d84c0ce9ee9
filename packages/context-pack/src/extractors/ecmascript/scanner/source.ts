import type { Comment } from '../outline.ts'

/** Deeper nesting is left to the parser, which refuses it. */
export const MAX_DEPTH = 1024

/** A text under scan, and what was learned of it so far. */
export class Source {
  readonly text: string
  /** TypeScript: types, type arguments, `as`. */
  readonly hasTypes: boolean
  /** `<` may start an element. */
  readonly hasJsx: boolean
  /** In the order of the text. */
  readonly comments: Comment[] = []
  /** Where the bracket opened that closed last. */
  lastOpened = -1
  /** Behind the closing slash of the regular expression met last. */
  lastRegularExpression = -1
  /** Units that may still be read a second time after a guess was wrong, so that guessing stays linear. */
  rereadsLeft: number
  /** The brackets that are open inside the group being skipped: their kind, and where they opened. */
  readonly openKinds = new Uint8Array(MAX_DEPTH)
  readonly openOffsets = new Int32Array(MAX_DEPTH)

  constructor(text: string, path: string) {
    this.text = text
    this.hasTypes = /\.[cm]?tsx?$/i.test(path)
    this.hasJsx = !/\.[cm]?ts$/i.test(path)
    this.rereadsLeft = text.length + 10_000
  }

  /** Forgets the comments from an offset on: they will be met again. */
  forgetCommentsFrom(offset: number): void {
    while ((this.comments.at(-1)?.start ?? -1) >= offset) this.comments.pop()
  }
}
