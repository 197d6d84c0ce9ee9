const CLAIM = /<mt_complete>[^]*<\/mt_complete>/
const FENCE = /^\s{0,3}(?:```|~~~)/
/** A hunk, a conflict marker, the envelope of another tool's patch, or a code fence at the beginning of a line. */
const OTHER_FORM = /^\s{0,3}(?:@@ -\d|<{5,9} |\*{3} (?:Begin Patch|Update File|Add File)|```|~~~)/m

/**
 * True when an answer without an edit block shows what can only be meant as an edit, or as the text of one; a fence around nothing but the
 * completion block is allowed (MT-033). `answer` holds one such block and is untrusted.
 */
export function showsOtherEditForm(answer: string): boolean {
  const [before = '', after = ''] = answer.split(CLAIM)
  const end = before.trimEnd()
  const lastLine = end.lastIndexOf('\n') + 1
  const isFenced = FENCE.test(end.slice(lastLine))
  return isFenced
    ? OTHER_FORM.test(end.slice(0, lastLine)) || OTHER_FORM.test(after.trimStart().replace(FENCE, ''))
    : OTHER_FORM.test(before) || OTHER_FORM.test(after)
}
