const ID_BYTES = 16
const DIGITS = Buffer.from('0123456789abcdef')
const VERSION_4 = Buffer.from('00000000-0000-4000-8000-000000000000')
/** Where the two digits of each byte stand. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
const VERSION_AT = 14
const VARIANT_AT = 19

/**
 * Version 4 UUIDs (RFC 9562), one of every 16 random bytes. Each is one piece: what `crypto.randomUUID` gives is twenty, which take
 * longer to join than many a field to check and write.
 */
export function randomIds(bytes: Uint8Array): string[] {
  const text = Buffer.from(VERSION_4)
  const ids: string[] = []
  for (let start = 0; start + ID_BYTES <= bytes.length; start += ID_BYTES) {
    for (let index = 0; index < ID_BYTES; index++) {
      const byte = bytes[start + index] ?? 0
      const place = PLACES[index] ?? 0
      text[place] = DIGITS[byte >> 4] ?? 0
      text[place + 1] = DIGITS[byte & 0xf] ?? 0
    }
    text[VERSION_AT] = VERSION_4[VERSION_AT] ?? 0
    text[VARIANT_AT] = DIGITS[0x8 | (((bytes[start + 8] ?? 0) >> 4) & 0x3)] ?? 0
    ids.push(text.toString('latin1'))
  }
  return ids
}
