/** UTF-16 units of a quoted text that are looked at; what a pack keeps of it is shorter still. */
export const RAW_TEXT_LIMIT = 1000

const CLEAN_ASCII = /^[\x20-\x7e\n\t]*$/
/** Words of printable ASCII with one space between: most quoted text, and nothing to do for it. */
const PLAIN_LINE = /^[!-~]+(?: [!-~]+)*$/
const FORBIDDEN_CONTROL = /[^\P{Cc}\n\t]/gu

/**
 * CP-016: NFC, line endings LF, no control character but LF and TAB. Half a character, which a file can name by an escape
 * such as `"\ud83d"`, has no UTF-8 form and is replaced.
 */
export function cleanText(text: string): string {
  if (CLEAN_ASCII.test(text)) return text
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(FORBIDDEN_CONTROL, '').normalize('NFC')
}

/** The cleaned text on one line, with single spaces. */
export function oneLine(text: string): string {
  if (PLAIN_LINE.test(text)) return text
  return cleanText(text).replace(/\s+/g, ' ').trim()
}

/** The start of a text as one line: bounded work whatever the text is. */
export function quoteStart(text: string): string {
  return oneLine(cutRoughly(text, RAW_TEXT_LIMIT))
}

/** At most `maximum` code points; never half of one (spec 02 decision 6). */
export function truncate(text: string, maximum: number): string {
  if (text.length <= maximum) return text
  let end = 0
  for (let count = 0; count < maximum && end < text.length; count += 1) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1
  }
  return text.slice(0, end).trimEnd()
}

/** Cuts at a UTF-16 length, for bounding work on hostile text before anything is counted properly. */
export function cutRoughly(text: string, maximum: number): string {
  if (text.length <= maximum) return text
  const end = isHighSurrogate(text.charCodeAt(maximum - 1)) ? maximum - 1 : maximum
  return text.slice(0, end)
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
