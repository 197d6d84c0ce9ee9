import { refuse } from './edit-refusal.ts'
import type { EditBlock } from './edit-format.ts'

export interface WholeFile {
  readonly path: string
  /** The file's text with the line endings of the one it replaces. */
  textOver(before: string | undefined): string
}

/** The text of a file that an answer states as a whole. */
export function asFileText({ path = '', lines }: EditBlock): WholeFile {
  // A fence would become part of the file, and no one would have meant that.
  if (
    (lines[0] ?? '').startsWith('```') &&
    /^```\s*$/.test(lines.at(-1) ?? '') &&
    !/\.(?:md|mdx|markdown)$/i.test(path)
  ) {
    throw refuse('EDIT_BLOCK_MALFORMED', path, {
      expected: 'the lines of the file between the tags',
      came: 'a code fence around them',
      next: 'Leave the fence out.',
    })
  }
  const text = lines.map((line) => `${line}\n`).join('')
  return {
    path,
    textOver: (before) => (before !== undefined && hasOnlyReturns(before) ? text.replaceAll('\n', '\r\n') : text),
  }
}

/** True when every line of a text ends with CR LF, and there is at least one. */
export function hasOnlyReturns(text: string): boolean {
  return text.includes('\r\n') && !/(?<!\r)\n/.test(text)
}
