import { decodeUtf8, encodeUtf8 } from './host.ts'

const FIRST_CAPACITY = 1 << 16
/** A larger buffer is given back after use. */
const KEPT_CAPACITY = 1 << 23

/** UTF-8 text under construction. Every writer reserves what it writes and moves `length` itself; offsets are in bytes. */
export class Utf8Buffer {
  bytes = new Uint8Array(FIRST_CAPACITY)
  view = new DataView(this.bytes.buffer)
  length = 0

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

  /** Any well-formed text. */
  text(text: string): void {
    this.reserve(3 * text.length)
    this.length += encodeUtf8.call(this.bytes, text, this.length)
  }

  written(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  toString(): string {
    return decodeUtf8.call(this.bytes, 0, this.length)
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
