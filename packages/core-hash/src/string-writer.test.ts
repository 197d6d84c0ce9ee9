import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { PLAIN_RANGES, writeString } from './string-writer.ts'
import { Utf8Buffer } from './utf8-buffer.ts'

fc.configureGlobal({ seed: 20_260_212 })

const shared = new Utf8Buffer()

function written(text: string): string | undefined {
  shared.clear()
  return writeString(shared, text) ? String(shared) : undefined
}

const units = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit))

/** Characters whose neighbours may matter: a plain one must not compose with or reorder anything before it. */
function laterHalvesOfCompositions(): Set<string> {
  const found = new Set<string>()
  for (let codePoint = 0; codePoint < 0x110000; codePoint++) {
    if (codePoint >= 0xd800 && codePoint < 0xe000) continue
    const [, ...rest] = String.fromCodePoint(codePoint).normalize('NFD')
    for (const character of rest) found.add(character)
  }
  return found
}

describe('every code unit', () => {
  const wellFormed = units.filter((unit) => unit.isWellFormed())

  test('is written as JSON.stringify writes its NFC form, alone and inside text of either length', () => {
    for (const unit of wellFormed) {
      for (const text of [unit, `x${unit}y`, `a longer ASCII text ${unit} goes the other way`]) {
        if (written(text) !== JSON.stringify(text.normalize('NFC'))) expect.fail(`U+${unit.charCodeAt(0).toString(16)}`)
      }
    }
  })

  test('that can join the one before it does so', () => {
    const later = laterHalvesOfCompositions()
    expect(later.has('\u0301')).toBe(true)
    for (const character of later) {
      for (const before of ['e', 'ᄒ', '한', 'ぁ', 'か', '<', 'ا', 'א', 'α', 'и', '漢', '\n', '"']) {
        const text = before + character
        if (written(text) !== JSON.stringify(text.normalize('NFC')))
          expect.fail(`U+${character.codePointAt(0)?.toString(16)} after ${before}`)
      }
    }
  })

  test('that counts as plain is assigned and no mark, so later Unicode versions cannot change it', () => {
    for (const [first, last] of PLAIN_RANGES) {
      for (let unit = first; unit <= last; unit++)
        if (/[\p{Cn}\p{M}]/u.test(String.fromCharCode(unit))) expect.fail(`U+${unit.toString(16)}`)
    }
  })

  test('half a pair is refused', () => {
    const halves = units.filter((unit) => !unit.isWellFormed())
    expect(halves.length).toBe(2048)
    for (const half of halves) {
      for (const text of [half, `x${half}y`, `a longer ASCII text ${half} goes the other way`])
        if (written(text) !== undefined) expect.fail(`U+${half.charCodeAt(0).toString(16)}`)
    }
  })
})

test('any text is written as JSON.stringify writes its NFC form', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.constantFrom(
      '"',
      '\\',
      '\u0000',
      '\u001f',
      '\u007f',
      'e\u0301',
      '😀',
      '漢字かな交じり文',
      'plain text of some length',
      '\u0378',
    ),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      expect(written(text)).toBe(JSON.stringify(text.normalize('NFC')))
    }),
    { numRuns: 5000 },
  )
})

test('one byte that needs an escape is seen at every place of a text of any length', () => {
  for (let length = 1; length <= 40; length++) {
    for (let place = 0; place < length; place++) {
      for (const special of ['"', '\\', '\u0000', '\u001f', '\n', '\u007f', 'é']) {
        const text = 'x'.repeat(place) + special + 'x'.repeat(length - place - 1)
        if (written(text) !== JSON.stringify(text)) expect.fail(JSON.stringify(text))
      }
    }
  }
})

describe('the direct way', () => {
  /** One unit of each range that needs no care; the last two are where UTF-8 begins to take one byte more. */
  const PLAIN = [
    0x20, 0x23, 0x5d, 0x370, 0x388, 0x38e, 0x3a3, 0x48a, 0x531, 0x561, 0x5d0, 0x620, 0x1e00, 0x2010, 0x2030, 0x20a0,
    0x2190, 0x232b, 0x2460, 0x3001, 0x3030, 0x3041, 0x309b, 0x3400, 0x4e00, 0xac00, 0xff01, 0x7f, 0x80,
  ]
  afterEach(() => vi.restoreAllMocks())

  /** Written, and without the way that looks at everything. */
  function writtenDirectly(text: string): string | undefined {
    const careful = vi.spyOn(JSON, 'stringify')
    const result = written(text)
    const isDirect = careful.mock.calls.length === 0
    careful.mockRestore()
    return isDirect ? result : undefined
  }

  test.each(PLAIN)('is taken for text of U+%x of any length', (unit) => {
    for (const length of [1, 12, 13, 48, 49, 200, 1 << 15]) {
      const text = String.fromCharCode(unit).repeat(length)
      expect(writtenDirectly(text) === `"${text}"`, `${length} units`).toBe(true)
    }
  })

  test('is taken for ASCII with something else in it, however it looks at first', () => {
    for (const other of ['é', '漢', 'ע']) {
      const text = `begins in ASCII ${other} and ends in it.....`
      expect(writtenDirectly(text)).toBe(`"${text}"`)
    }
  })

  test('is taken for every length of ASCII, whose last bytes are looked at twice', () => {
    for (let length = 0; length < 40; length += 1)
      expect(writtenDirectly('~'.repeat(length))).toBe(`"${'~'.repeat(length)}"`)
  })

  test('is half taken for text that only needs an escape: nothing in it can change under NFC', () => {
    const normalize = vi.spyOn(String.prototype, 'normalize')
    const texts = ['line\nline', 'say "é"', 'a\u0000b and more of it, in ASCII']
    const results = texts.map(written)
    const calls = normalize.mock.calls.length
    normalize.mockRestore()
    expect([results, calls]).toEqual([texts.map((text) => JSON.stringify(text)), 0])
  })

  test('is not taken for very long text of another script, which is written all the same', () => {
    const text = 'é'.repeat((1 << 15) + 1)
    expect([writtenDirectly(text), written(text) === `"${text}"`]).toEqual([undefined, true])
  })
})

describe('the buffer', () => {
  test('grows at any place without losing a byte', () => {
    const out = new Utf8Buffer()
    const texts = ['short', 'a text that is not short any more', '漢字', 'e\u0301', 'line\nline', 'x'.repeat(1000)]
    let expected = ''
    for (let index = 0; expected.length < 400_000; index++) {
      const text = texts[index % texts.length] ?? ''
      expect(writeString(out, text)).toBe(true)
      out.byte(0x2c)
      expected += `${JSON.stringify(text.normalize('NFC'))},`
    }
    expect(String(out) === expected).toBe(true)
    expect(Buffer.from(out.written()).equals(Buffer.from(expected))).toBe(true)
  })

  test('gives a large allocation back, keeps a small one, and starts empty again', () => {
    const out = new Utf8Buffer()
    const first = out.bytes
    out.clear()
    expect(out.bytes).toBe(first)
    writeString(out, 'x'.repeat(20_000_000))
    expect(out.length).toBe(20_000_002)
    out.clear()
    expect(out.bytes.length).toBeLessThan(1_000_000)
    writeString(out, 'a')
    expect(String(out)).toBe('"a"')
  })
})
