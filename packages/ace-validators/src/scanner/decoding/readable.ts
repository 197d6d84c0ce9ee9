import { isUtf8 } from 'node:buffer'

const PRINTABLE = /^[\t\n\r -~\u00a0-\uffff]*$/

/** The bytes as text, if they are one; a character cut at the end may be missing. */
export function readable(bytes: Buffer): string | undefined {
  if (bytes.length < 3) return undefined
  const text = utf16Of(bytes) ?? utf8Of(bytes)
  return text !== undefined && PRINTABLE.test(text) ? text : undefined
}

function utf8Of(bytes: Buffer): string | undefined {
  for (let cut = 0; cut < 4; cut += 1) {
    const whole = bytes.subarray(0, bytes.length - cut)
    if (isUtf8(whole)) return whole.toString('utf8')
  }
  return undefined
}

/** Latin letters as UTF-16: every other byte is zero. A mark may say so as well. */
function utf16Of(bytes: Buffer): string | undefined {
  const mark = bytes.readUInt16LE(0)
  const body = mark === 0xfeff || mark === 0xfffe ? bytes.subarray(2, bytes.length & ~1) : bytes
  if (body[1] === 0 && body[3] === 0 && body[5] === 0) return body.toString('utf16le')
  if (body[0] !== 0 || body[2] !== 0 || body[4] !== 0) return undefined
  return Buffer.from(body.subarray(0, body.length & ~1))
    .swap16()
    .toString('utf16le')
}
