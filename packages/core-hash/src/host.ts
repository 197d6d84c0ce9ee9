// What Node gives beyond the language, and the standard counterpart where the host is another: this file, imported by both
// entries, is the one place that knows. `node:` imports would keep the browser entry from loading.
const buffer: object | undefined = globalThis.process?.getBuiltinModule?.('node:buffer').Buffer.prototype
const util = globalThis.process?.getBuiltinModule?.('node:util')

/** Only Node can tell a Proxy from its target; elsewhere a Proxy passes for what its traps answer. */
export const isProxy: (value: object) => boolean = util?.types.isProxy ?? (() => false)

type Encode = (this: Uint8Array, text: string, offset: number) => number

/** Writes a text as UTF-8 at an offset, where there is room for it, and gives the number of bytes. */
export const encodeUtf8: Encode = bufferMethod('utf8Write') ?? encodeInto
/** Writes the code units of a text, two bytes each and in the host's byte order, at an offset in bytes. */
export const encodeUnits: Encode = bufferMethod('ucs2Write') ?? copyUnits
/** The text of well-formed UTF-8 between two offsets. */
export const decodeUtf8: (this: Uint8Array, start: number, end: number) => string = bufferMethod('utf8Slice') ?? decode

/** What the documented methods of Buffer do once they have looked at their arguments, which for short text takes longer. */
function bufferMethod<Method>(name: string): Method | undefined {
  return buffer && Reflect.get(buffer, name)
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function encodeInto(this: Uint8Array, text: string, offset: number): number {
  return encoder.encodeInto(text, this.subarray(offset)).written
}

function copyUnits(this: Uint8Array, text: string, offset: number): number {
  const units = new Uint16Array(this.buffer, this.byteOffset + offset, text.length)
  for (let index = 0; index < text.length; index++) units[index] = text.charCodeAt(index)
  return 2 * text.length
}

function decode(this: Uint8Array, start: number, end: number): string {
  return decoder.decode(this.subarray(start, end))
}
