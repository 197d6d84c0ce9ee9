import { decodeUtf8, encodeUtf8 } from './host.ts'

const FIRST_CAPACITY = 1 << 16
/** A larger buffer is given back after use. */
const KEPT_CAPACITY = 1 << 23

/** UTF-8 of a text that is written often: four bytes a word, little-endian; the last word may hold more than `length` counts. */
export interface FixedText {
  readonly words: Int32Array
  /** In bytes. */
  readonly length: number
}

/** UTF-8 text under construction. Every writer reserves what it writes and moves `length` itself; offsets are in bytes. */
export class Utf8Buffer {
  bytes = new Uint8Array(FIRST_CAPACITY)
  view = new DataView(this.bytes.buffer)
  length = 0
  /** Where something stands that is to be written over, for whoever wrote it to tell. */
  mark = 0

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count > this.bytes.length) this.grow(count)
  }

  /** One byte of ASCII. */
  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  /** Text that is known to be ASCII, such as a number. */
  ascii(text: string): void {
    this.reserve(text.length)
    const { bytes } = this
    let at = this.length
    for (let index = 0; index < text.length; index++) bytes[at++] = text.charCodeAt(index)
    this.length = at
  }

  /** The quickest way for short text. */
  fixed({ words, length }: FixedText): void {
    this.reserve(4 * words.length)
    const { view } = this
    let at = this.length
    for (let word = 0; word < words.length; word++) {
      view.setInt32(at, words[word] ?? 0, true)
      at += 4
    }
    this.length += length
  }

  /** Short text that stands among other bytes, four at a time: up to three of those behind it are read as well. */
  copy(source: DataView, start: number, length: number): void {
    this.reserve(length + 3)
    const { view } = this
    for (let done = 0; done < length; done += 4)
      view.setInt32(this.length + done, source.getInt32(start + done, true), true)
    this.length += length
  }

  /** Any well-formed text. */
  text(text: string): void {
    this.reserve(3 * text.length)
    this.length += encodeUtf8.call(this.bytes, text, this.length)
  }

  /** Bytes that are UTF-8 already. */
  append(utf8: Uint8Array): void {
    this.reserve(utf8.length)
    this.bytes.set(utf8, this.length)
    this.length += utf8.length
  }

  /** A copy of what was written from an offset on. */
  since(start: number): Uint8Array {
    return this.bytes.slice(start, this.length)
  }

  /** Writes text of as many bytes over what stands at an offset. */
  overwrite(at: number, text: string): void {
    encodeUtf8.call(this.bytes, text, at)
  }

  /** What was written from an offset on, to be written again. */
  fixedSince(start: number): FixedText {
    const length = this.length - start
    const words = new Int32Array(Math.ceil(length / 4))
    // The last word may reach behind what was written.
    this.reserve(4)
    for (let word = 0; word < words.length; word++) words[word] = this.view.getInt32(start + 4 * word, true)
    return { words, length }
  }

  written(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  /** The text between two offsets. */
  textBetween(start: number, end: number): string {
    return decodeUtf8.call(this.bytes, start, end)
  }

  toString(): string {
    return this.textBetween(0, this.length)
  }

  clear(): void {
    this.length = 0
    if (this.bytes.length > KEPT_CAPACITY) this.allocate(FIRST_CAPACITY)
  }

  private grow(count: number): void {
    const old = this.bytes
    this.allocate(Math.max(2 * old.length, this.length + count))
    this.bytes.set(old.subarray(0, this.length))
  }

  private allocate(capacity: number): void {
    this.bytes = new Uint8Array(capacity)
    this.view = new DataView(this.bytes.buffer)
  }
}

const scratch = new Utf8Buffer()

/** For `fixed`: a well-formed text, made ready once. */
export function fixedText(text: string): FixedText {
  scratch.clear()
  scratch.text(text)
  return scratch.fixedSince(0)
}
