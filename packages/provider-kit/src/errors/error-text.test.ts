import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createSecretHolder } from '../secret-holder.ts'
import { errorText, serverWord } from './error-text.ts'

const SEED = 20_261_120
const KEY = 'sk-canary-0a1B2c3D4e5F6g7H8i9J'

function shown(text: string, request: readonly string[] = [], key = KEY): string {
  return errorText(text, { secret: createSecretHolder(() => key), request })
}

describe('errorText', () => {
  test('keeps what helps', () => {
    expect(shown("'response_format.type' must be 'json_schema' or 'text'")).toBe(
      "'response_format.type' must be 'json_schema' or 'text'",
    )
    expect(shown('model "llama3.2:latest" not found, try pulling it first')).toBe(
      'model "llama3.2:latest" not found, try pulling it first',
    )
  })

  test.each([
    ['the key', `bad key ${KEY}!`],
    ['its beginning', `bad key ${KEY.slice(0, 14)}…`],
    ['its end', `bad key ****${KEY.slice(-8)}`],
    ['it in a URL', `see https://x.example/connect?key=${KEY}&name=a`],
    ['it as a header', `Authorization: Bearer ${KEY}`],
  ])('hides %s', (_, text) => {
    const result = shown(text)
    for (let at = 0; at + 6 <= KEY.length; at += 1) expect(result).not.toContain(KEY.slice(at, at + 6))
    expect(result).toContain('[REDACTED:api_key:provider]')
  })

  test('hides a short and a plain key as well', () => {
    expect(shown('key abc is wrong', [], 'abc')).not.toContain('abc')
    expect(shown('no match for hunter2hunter2', [], 'hunter2hunter2')).not.toContain('hunter2')
  })

  test('hides keys of others', () => {
    for (const foreign of [
      'sk-proj-abcdef123456',
      'token=deadbeef99',
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc',
      'Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8Ii9',
    ]) {
      expect(shown(`got ${foreign} here`)).not.toContain(foreign)
    }
  })

  test('hides echoes of the request, but not words it shares with everybody', () => {
    const prompt = 'Summarise the confidential merger plan of ACME.'
    expect(shown(`invalid content: "${prompt}"`, [prompt])).not.toContain('merger')
    expect(shown('no such field', ['a', 'no'])).toBe('no such field')
  })

  const NOTE = 'Пароль от базы:\n\tключ = "слон-42"\nÉcole 🦙 <b>4821</b> & more\n'
  const json = JSON.stringify(NOTE)
  const ascii = (text: string): string =>
    text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const bytes = (write: (byte: number) => string): string =>
    Array.from(Buffer.from(NOTE), (byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : write(byte))).join(
      '',
    )
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

  test.each([
    ['as it is', NOTE],
    ['as JSON', json],
    ['as JSON in JSON', JSON.stringify(json)],
    ['as ASCII JSON', ascii(json)],
    ['as ASCII JSON in JSON', JSON.stringify(ascii(json))],
    ['as long escapes', json.replace('🦙', '\\U0001F999').replace('É', '\\xc9')],
    ['as braced escapes', json.replace('🦙', '\\u{1f999}').replace('É', '\\u{c9}')],
    ['as bytes of Python', bytes((byte) => `\\x${hex(byte)}`)],
    ['as octal bytes', bytes((byte) => `\\${byte.toString(8).padStart(3, '0')}`)],
    ['in a URL', encodeURIComponent(NOTE)],
    ['in HTML', NOTE.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
    ['in numbers of HTML', NOTE.replace(/[^\x20-\x7e]/gu, (character) => `&#${character.codePointAt(0)};`)],
    ['decomposed', NOTE.normalize('NFD')],
    ['in capitals', NOTE.toUpperCase()],
    ['with its white space collapsed', NOTE.replace(/\s+/g, ' ')],
    ['without white space', NOTE.replace(/\s+/g, '')],
    ['shortened in the middle', `${NOTE.slice(0, 25)}...${NOTE.slice(-24)}`],
  ])('hides an echo %s', (_, echo) => {
    const result = shown(`validation error: input_value='${echo}', input_type=str`, [NOTE])
    // White space, quotes and dots at the ends of the echo say nothing.
    const rest = /^validation error: input_value='(.*)', input_type=str$/.exec(result)?.[1]?.split('[request text]')
    expect(rest?.length).toBeGreaterThan(1)
    for (const piece of rest ?? []) expect(piece).toMatch(/^(?:[.\s"\\]|\\n|\\x0a|\\012|%0A|&#10;)*$/)
  })

  test('an echo of many short lines leaves nothing between its escapes', () => {
    const code = 'let pin = 4821\nlet k = 9377\nlet db = "prod7"\npw = hunter2\ntoken=deadbeef99\nz = 1\n'
    expect(shown(`input_value=${JSON.stringify(code)}`, [code])).toBe('input_value="[request text]\\n"')
  })

  test('backslashes that are part of the request hide nothing else and are hidden too', () => {
    const path = String.raw`see C:\new\table\u0041.txt of the archive`
    for (const echo of [path, JSON.stringify(path), JSON.stringify(JSON.stringify(path))])
      expect(shown(`no such file: ${echo} here`, [path])).toMatch(
        /^no such file: [\s"\\]*\[request text\][\s"\\]*here$/,
      )
  })

  test('what a hostile server or request writes costs linear time', () => {
    const start = process.threadCpuUsage()
    const mega = 1_000_000
    for (const part of ['\\', '\\u', '\\ud83d\\', '\\x41', '%41', '%4', '&#1', 'ab', 'ab '])
      shown(part.repeat(mega / part.length), [part.repeat(mega / part.length), 'x'.repeat(mega)])
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(10_000)
  })

  test('code points that do not exist are no error', () => {
    expect(shown('\\UFFFFFFFF \\u{FFFFFF} &#9999999; %FF', ['a request of some length'])).toContain('%FF')
  })

  test('markup, control and direction characters are not shown', () => {
    expect(shown('<!DOCTYPE html><h1>502</h1>')).toBe('(an HTML page)')
    expect(shown('a\r\nb\u0000c\u202Ed\u200Be\u2028f')).toBe('a b c d e f')
  })

  test('at most 200 code points, never half a character', () => {
    expect(Array.from(shown('🦙'.repeat(5000)))).toHaveLength(200)
    expect(shown('🦙'.repeat(5000)).isWellFormed()).toBe(true)
  })

  test('a secret that cannot be read does not stop the error', () => {
    const secret = createSecretHolder(() => undefined)
    expect(errorText('plain', { secret, request: [] })).toBe('plain')
  })

  test(`no six characters of the key pass, wherever it stands (seed ${SEED})`, () => {
    const key = fc.string({
      minLength: 8,
      maxLength: 40,
      unit: fc.constantFrom(...Array.from('abcdefXYZ0123456789-_')),
    })
    fc.assert(
      fc.property(fc.string(), key, fc.string(), (before, secret, after) => {
        const result = shown(`${before}${secret}${after}`, [], secret)
        // Text of the markers themselves is not a leak.
        expect(result.replaceAll('[REDACTED:api_key:provider]', '')).not.toContain(secret)
      }),
      { seed: SEED, numRuns: 500 },
    )
  })
})

describe('serverWord', () => {
  const word = (text: string, request: readonly string[] = []): string =>
    serverWord(text, { secret: createSecretHolder(() => KEY), request })

  test('keeps the ids and names that servers give', () => {
    for (const id of ['chatcmpl-J3bw2hrRnbJDlum2GSOuaNicFkZdcKoW', 'b11669-Debian', 'llama3.2:latest', 'tool_calls'])
      expect(word(id, ['What is in it?'])).toBe(id)
  })

  test('hides the key and echoes of the request, and is one short line', () => {
    expect(word(`id-${KEY}`)).toBe('id-[REDACTED:api_key:provider]')
    expect(word('id: the confidential merger plan', ['about the confidential merger plan'])).toBe('id:[request text]')
    expect(word(`a\n${'b'.repeat(500)}`)).toHaveLength(200)
  })

  test(`masks every stretch of sixteen characters of the request, wherever it stands (seed ${SEED})`, () => {
    const letters = fc.string({ minLength: 16, maxLength: 60, unit: fc.constantFrom('a', 'b', 'c') })
    fc.assert(
      fc.property(letters, letters, (request, text) => {
        const shown = word(text, [request])
        for (let at = 0; at + 16 <= shown.length; at += 1) expect(request).not.toContain(shown.slice(at, at + 16))
      }),
      { seed: SEED, numRuns: 500 },
    )
  })
})
