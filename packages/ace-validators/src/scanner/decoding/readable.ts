import { isUtf8 } from 'node:buffer'

const PRINTABLE = /^[\t\n\r -~\u00a0-\uffff]*$/

/** The bytes as text, if they are one; a character cut at the end may be missing. */
export function readable(bytes: Buffer): string | undefined {
  if (bytes.length < 3) return undefined
  const text = isUtf16(bytes) ? bytes.toString('utf16le') : utf8Of(bytes)
  return text !== undefined && PRINTABLE.test(text) ? text : undefined
}

function utf8Of(bytes: Buffer): string | undefined {
  for (let cut = 0; cut < 4; cut += 1) {
    const whole = bytes.subarray(0, bytes.length - cut)
    if (isUtf8(whole)) return whole.toString('utf8')
  }
  return undefined
}

/** Latin letters as UTF-16: every other byte is zero. */
function isUtf16(bytes: Buffer): boolean {
  return bytes[1] === 0 && bytes[3] === 0 && bytes[5] === 0
}
