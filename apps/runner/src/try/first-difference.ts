export interface TextDifference {
  /** Of the first byte that differs, from 0. */
  readonly offset: number
  /** The line it stands on in both texts, from 1. */
  readonly line: number
  readonly expected: string
  readonly actual: string
}

/** Where two texts differ first; undefined when they are the same bytes. */
export function firstDifference(expected: string, actual: string): TextDifference | undefined {
  if (expected === actual) return undefined
  const left = Buffer.from(expected)
  const right = Buffer.from(actual)
  const shorter = Math.min(left.length, right.length)
  let offset = 0
  while (offset < shorter && left[offset] === right[offset]) offset += 1
  // Lines are cut at bytes that are the same in both up to here, so they have the same number.
  const line = left.subarray(0, offset).toString('latin1').split('\n').length
  return { offset, line, expected: expected.split('\n')[line - 1] ?? '', actual: actual.split('\n')[line - 1] ?? '' }
}
