import { beforeAll, expect, test, vi } from 'vitest'

import * as node from './host.ts'

let bare: typeof node
beforeAll(async () => {
  const { getBuiltinModule } = process
  vi.resetModules()
  Reflect.set(process, 'getBuiltinModule', undefined)
  bare = await import('./host.ts').finally(() => Reflect.set(process, 'getBuiltinModule', getBuiltinModule))
})

const texts = ['', 'a', 'é漢', '\u{1F600}', '\ufefftext', 'x'.repeat(5000)]
const atOffset = (encode: typeof node.encodeUtf8, text: string) => {
  const bytes = new Uint8Array(16_384)
  return { count: encode.call(bytes, text, 6), bytes }
}

test.each(texts)('reads and writes %o as Node does, at an offset', (text) => {
  expect(atOffset(bare.encodeUtf8, text)).toEqual(atOffset(node.encodeUtf8, text))
  expect(atOffset(bare.encodeUnits, text)).toEqual(atOffset(node.encodeUnits, text))
  const bytes = Buffer.from(`before${text}after`)
  expect(bare.decodeUtf8.call(bytes, 6, bytes.length - 5)).toBe(text)
  expect(node.decodeUtf8.call(bytes, 6, bytes.length - 5)).toBe(text)
})

test('units go to where a part of a larger buffer begins', () => {
  const whole = new Uint8Array(12)
  bare.encodeUnits.call(whole.subarray(4), 'ab', 2)
  expect(Buffer.from(whole.subarray(6, 10)).toString('utf16le')).toBe('ab')
})

test('only Node tells a proxy from its target', () => {
  const proxy = new Proxy({}, {})
  expect([node.isProxy(proxy), node.isProxy({}), bare.isProxy(proxy)]).toEqual([true, false, false])
})
