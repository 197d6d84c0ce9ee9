import type { Comment } from '../outline.ts'

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
