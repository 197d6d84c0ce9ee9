import type { RandomSource } from '@ctxlock/contracts/ports'
import type { Utf8Buffer } from '@ctxlock/core-hash/text-writer'

/** What no other event has: a version 4 UUID (RFC 9562), and a salt, so that nobody finds out what an erased event said by guessing. */
export interface SaltedId {
  readonly id: string
  readonly salt: string
  /** Write them between quotes. */
  writeId(out: Utf8Buffer): void
  writeSalt(out: Utf8Buffer): void
}

const BYTES = 16
export const SALT_DIGITS = 2 * BYTES

const ID = '00000000-0000-4000-8000-000000000000'
const SALT = '0'.repeat(SALT_DIGITS)
/** Both as they are written, each at a multiple of four bytes. */
const BLANK = `"${ID}"  "${SALT}"  `
const SALT_AT = BLANK.indexOf(` "${SALT}`) + 1
/** Where the digits of each byte stand in an id, and where version and variant do. */
const ID_PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
const [VERSION_AT, VARIANT_AT] = [14, 19]
const DIGITS = Buffer.from('0123456789abcdef')

const FIRST = 16
const MOST = 1024

/**
 * Gives one after the other, drawn more and more at a time: the first question for random bytes after other work takes longer than
 * checking and writing five events, however few bytes it asks for. What is drawn is written for all at once, too.
 */
export function saltedIds(random: Pick<RandomSource, 'bytes'>): () => SaltedId {
  let sheet = new Sheet(new Uint8Array())
  let next = 0
  let count = FIRST
  return () => {
    if (next === sheet.count) {
      sheet = new Sheet(random.bytes(2 * BYTES * count))
      next = 0
      count = Math.min(2 * count, MOST)
    }
    return new Row(sheet, BLANK.length * next++)
  }
}

class Sheet {
  readonly count: number
  readonly view: DataView
  readonly text: string

  constructor(bytes: Uint8Array) {
    this.count = bytes.length / (2 * BYTES)
    const rows = Buffer.alloc(BLANK.length * this.count, BLANK)
    for (let row = 0; row < this.count; row++) {
      const start = BLANK.length * row
      writeId(rows.subarray(start + 1), bytes.subarray(2 * BYTES * row))
      for (let index = 0; index < BYTES; index++)
        writeByte(rows, start + SALT_AT + 1 + 2 * index, bytes[2 * BYTES * row + BYTES + index] ?? 0)
    }
    this.view = new DataView(rows.buffer, rows.byteOffset, rows.length)
    this.text = rows.toString('latin1')
  }
}

class Row implements SaltedId {
  readonly #sheet: Sheet
  readonly #start: number

  constructor(sheet: Sheet, start: number) {
    this.#sheet = sheet
    this.#start = start
  }

  get id(): string {
    return this.#textAt(1, ID.length)
  }

  get salt(): string {
    return this.#textAt(SALT_AT + 1, SALT.length)
  }

  writeId(out: Utf8Buffer): void {
    out.copy(this.#sheet.view, this.#start, ID.length + 2)
  }

  writeSalt(out: Utf8Buffer): void {
    out.copy(this.#sheet.view, this.#start + SALT_AT, SALT.length + 2)
  }

  #textAt(at: number, length: number): string {
    return this.#sheet.text.slice(this.#start + at, this.#start + at + length)
  }
}

function writeId(text: Uint8Array, bytes: Uint8Array): void {
  for (let index = 0; index < BYTES; index++) writeByte(text, ID_PLACES[index] ?? 0, bytes[index] ?? 0)
  text[VERSION_AT] = DIGITS[4] ?? 0
  text[VARIANT_AT] = DIGITS[0x8 | (((bytes[8] ?? 0) >> 4) & 0x3)] ?? 0
}

function writeByte(text: Uint8Array, at: number, byte: number): void {
  text[at] = DIGITS[byte >> 4] ?? 0
  text[at + 1] = DIGITS[byte & 0xf] ?? 0
}
