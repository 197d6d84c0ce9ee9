/** A shorter piece of a secret gives little away and stands in other texts by chance. */
export const PIECE = 12

/**
 * The pieces of a text by which it is recognised: every run of twelve characters, or the whole of a shorter text. What
 * a secret is written over, such as line ends or invisible characters, ends a run.
 */
export function piecesOf(value: string): string[] {
  if (value.length <= PIECE) return [value]
  return Array.from({ length: value.length - PIECE + 1 }, (_, start) => value.slice(start, start + PIECE))
}
