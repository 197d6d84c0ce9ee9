/**
 * Matches the longest run of characters that canonical text shows as they are, wherever they stand: none is escaped, none
 * is a surrogate, and none can change under NFC, because each is assigned, no mark, its own NFC form and never the second
 * half of a composition. Unicode promises that such characters stay so in later versions; a test looks at every one of them.
 * Others are not wrong, they just take the slower path. Sticky, because an anchored pattern would walk back on a miss.
 */
const PLAIN_RUN =
  /[ !#-[\]-\u02ff\u0370-\u0373\u0388-\u038a\u038e-\u03a1\u03a3-\u0482\u048a-\u052f\u0531-\u0556\u0561-\u0587\u05d0-\u05ea\u0620-\u064a\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u20a0-\u20c0\u2190-\u2328\u232b-\u2426\u2460-\u2adb\u3001-\u3029\u3030-\u303f\u3041-\u3096\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff9d]*/y

/** True when canonical text may hold the string between quotes unchanged; false says nothing. */
export function isPlainString(text: string): boolean {
  PLAIN_RUN.lastIndex = 0
  PLAIN_RUN.test(text)
  return PLAIN_RUN.lastIndex === text.length
}

const FROM_FIRST_COMBINING_MARK = /[\u0300-\uffff]/
const ESCAPED = /[^ !#-[\]-\uffff]/

/** False when the string is certainly well-formed NFC. One-byte strings answer at once: they cannot hold such a character. */
export function mayChangeUnderNfc(text: string): boolean {
  return FROM_FIRST_COMBINING_MARK.test(text)
}

/** True when canonical text escapes a character of the string (CJ-021). */
export function needsEscape(text: string): boolean {
  return ESCAPED.test(text)
}
