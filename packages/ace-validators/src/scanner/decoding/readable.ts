import { isUtf8 } from 'node:buffer'

/** Of a text so much can be read: a control character or a broken one hides nothing, and images are far from it. */
export const READABLE_SHARE = 0.8
const REPLACEMENT = 0xfffd

/** The bytes as text, if they are one for the most part; a character cut at the end may be missing. */
export function readable(bytes: Buffer): string | undefined {
  if (bytes.length < 3) return undefined
  const whole = utf16Of(bytes) ?? utf8Of(bytes)
  const text = whole ?? bytes.toString('utf8')
  if (printableShare(text) < READABLE_SHARE) return undefined
  return whole ?? latin1Of(bytes) ?? text
}

function utf8Of(bytes: Buffer): string | undefined {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  for (let cut = 1; cut < 4; cut += 1) {
    const whole = bytes.subarray(0, bytes.length - cut)
    if (isUtf8(whole)) return whole.toString('utf8')
  }
  return undefined
}

/** If all that is beyond ASCII are letters and signs there. */
function latin1Of(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1')
  return /[\x80-\x9f]/.test(text) ? undefined : text
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

function printableShare(text: string): number {
  let printable = 0
  for (let index = 0; index < text.length; index += 1) if (isPrintable(text.charCodeAt(index))) printable += 1
  return printable / text.length
}

function isPrintable(unit: number): boolean {
  if (unit < 0x7f) return unit >= 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d
  return unit >= 0xa0 && unit !== REPLACEMENT
}
