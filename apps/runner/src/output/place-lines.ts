import type { WaivedSpan } from '@ctxlock/contracts/waivers'

/** Characters shown on each side of a place. */
const AROUND = 48

/**
 * The places of one source for a person who is to judge them: line, pattern, and the words themselves. They were written by
 * somebody who may want them to look harmless, so that whatever is not plain ASCII in them is shown by its number.
 */
export function placeLines(
  { path, bytes }: { readonly path: string; readonly bytes: Uint8Array },
  spans: readonly WaivedSpan[],
): string[] {
  return spans.flatMap(({ pattern_id, start_byte, end_byte }) => {
    const before = textOf(bytes.subarray(0, start_byte))
    const after = textOf(bytes.subarray(end_byte, end_byte + 4 * AROUND))
    const [start, words, end] = [
      before.slice(-AROUND),
      textOf(bytes.subarray(start_byte, end_byte)),
      after.slice(0, AROUND),
    ]
    return [
      `${path}:${before.split('\n').length}  ${pattern_id}`,
      `           ${visible(start)}[${numbered(words)}]${visible(end)}`,
    ]
  })
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

/** Text of somebody else on one line, in which nothing is hidden or turned around. */
export function visible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, number)
}

function numbered(text: string): string {
  return text.replace(/[^ -~]/gu, number)
}

function number(character: string): string {
  return character === '\n' ? '\u23ce' : `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`
}
