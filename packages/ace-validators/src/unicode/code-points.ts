/** How many code points a text has; lengths in records are counted so (spec 02 decision 6). A lone surrogate counts as one. */
export function codePointLength(text: string): number {
  let length = 0
  for (const _ of text) length += 1
  return length
}
