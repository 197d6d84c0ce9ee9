import { formatQuotation } from '@ctxlock/contracts/evidence'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { checkQuotations } from './quotation-check.ts'
import type { QuotedFile } from './source-text.ts'

fc.configureGlobal({ seed: 20261120 })

const disk = (files: Record<string, string>, allowed: readonly string[] = Object.keys(files)) => {
  const read: string[] = []
  const reader = (path: string): QuotedFile => {
    read.push(path)
    const text = files[path]
    return text === undefined
      ? { status: 'missing', allowed: allowed.includes(path) }
      : { status: 'read', text, allowed: allowed.includes(path) }
  }
  return { read, reader }
}

const source = ['export const limit = 30', '', 'export function expire() {', '  return limit', '}', ''].join('\n')
const quote = (text: string, startLine: number, endLine: number, path = 'src/a.ts') =>
  formatQuotation({ path, startLine, endLine, text })
const statusOf = (answer: string, files: Record<string, string> = { 'src/a.ts': source }) =>
  checkQuotations(answer, disk(files).reader).checks.map(({ status, lines }) => [status, lines?.start, lines?.end])

describe('what a quotation is compared with', () => {
  test('text at its named lines is verified', () => {
    expect(statusOf(quote('export function expire() {\n  return limit', 3, 4))).toEqual([['verified', 3, 4]])
  })

  test('part of a line is verbatim too', () => {
    expect(statusOf(quote('function expire', 3, 3))).toEqual([['verified', 3, 3]])
  })

  test('text that stands elsewhere keeps its content and gets its lines repaired', () => {
    expect(statusOf(quote('  return limit', 1, 1))).toEqual([['repaired', 4, 4]])
    expect(statusOf(quote('  return limit\n}', 3, 3))).toEqual([['repaired', 4, 5]])
  })

  test('of several places the nearest to the named line is given', () => {
    const text = ['x', 'a', 'a', 'x', 'a', 'x'].join('\n')
    expect(statusOf(quote('x', 3, 3, 'f'), { f: text })).toEqual([['repaired', 4, 4]])
  })

  test('one changed character is not found', () => {
    expect(statusOf(quote('export const limit = 31', 1, 1))).toEqual([['not_found', undefined, undefined]])
  })

  test('indentation, case and Unicode form are part of the text', () => {
    expect(statusOf(quote('\treturn limit', 4, 4))[0]?.[0]).toBe('not_found')
    expect(statusOf(quote('  Return limit', 4, 4))[0]?.[0]).toBe('not_found')
    expect(statusOf(quote('e\u0301', 1, 1, 'f'), { f: '\u00e9' })[0]?.[0]).toBe('not_found')
  })

  test('quoting nothing proves nothing', () => {
    expect(statusOf(quote('', 2, 2))[0]?.[0]).toBe('not_found')
    expect(statusOf(quote(' \t\n ', 1, 2))[0]?.[0]).toBe('not_found')
  })

  test('line endings alone do not matter', () => {
    expect(statusOf(quote('limit\n}', 1, 2, 'f'), { f: 'limit\r\n}\r\n' })).toEqual([['verified', 1, 2]])
    expect(statusOf('f:1-2\r\n> limit\r\n> }\r\n', { f: 'limit\n}\n' })).toEqual([['verified', 1, 2]])
  })

  test('a line range the file does not have is repaired, never trusted', () => {
    expect(statusOf(quote('}', 9_999_999, 9_999_999))).toEqual([['repaired', 5, 5]])
    expect(statusOf(quote('}', 0, 0))).toEqual([['repaired', 5, 5]])
    expect(statusOf('src/a.ts:5-3\n> }')).toEqual([['repaired', 5, 5]])
  })
})

describe('which files count', () => {
  test('a real file that was not shown is outside the sources', () => {
    const { reader } = disk({ 'src/a.ts': source, '.env': 'KEY=1' }, ['src/a.ts'])
    expect(checkQuotations(quote('KEY=1', 1, 1, '.env'), reader).checks[0]?.status).toBe('outside_sources')
  })

  test('a file that does not exist is missing', () => {
    expect(statusOf(quote('x', 1, 1, 'src/b.ts'))[0]?.[0]).toBe('missing_file')
  })

  test.each(['../secret', '/etc/passwd', '~/key', 'C:\\key', 'a/../../b', 'a\\b', 'file://x'])(
    'the path %s never reaches the reader',
    (path) => {
      const { read, reader } = disk({})
      const report = checkQuotations(`\`${path}:1-1\`\n> x`, reader)
      expect(report.checks.map(({ status }) => status)).toEqual(['outside_sources'])
      expect(read).toEqual([])
    },
  )

  test.each(['unreadable', 'too_large', 'not_a_file'] as const)('a file that is %s verifies nothing', (status) => {
    expect(checkQuotations(quote('x', 1, 1), () => ({ status, allowed: true })).checks[0]?.status).toBe('missing_file')
  })

  test('each file is read once', () => {
    const { read, reader } = disk({ 'src/a.ts': source })
    checkQuotations([quote('}', 5, 5), quote('  return limit', 4, 4)].join('\n\n'), reader)
    expect(read).toEqual(['src/a.ts'])
  })
})

describe('properties', () => {
  const text = fc
    .array(fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('\n', '\r\n', '\r', '> ', '\u2028')))
    .map((parts) => parts.join(''))
  const slice = fc
    .tuple(text, fc.nat(), fc.nat())
    .map(([whole, from, length]) => {
      const start = from % (whole.length + 1)
      return { whole, start, part: whole.slice(start, start + 1 + (length % 60)) }
    })
    .filter(({ part }) => part.trim() !== '')
  const lineOf = (whole: string, offset: number) => whole.slice(0, offset).split('\n').length

  test('any piece of any text verifies at its lines', () => {
    fc.assert(
      fc.property(slice, ({ whole, start, part }) => {
        const startLine = lineOf(whole, start)
        const endLine = lineOf(whole, start + part.length)
        expect(statusOf(quote(part, startLine, endLine, 'f'), { f: whole })).toEqual([['verified', startLine, endLine]])
      }),
      { numRuns: 500 },
    )
  })

  test('a changed piece is accepted only where it truly stands', () => {
    fc.assert(
      fc.property(slice, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), ({ whole, start, part }, at, letter) => {
        const position = at % part.length
        const changed = part.slice(0, position) + letter + part.slice(position + 1)
        const [check] = checkQuotations(
          quote(changed, lineOf(whole, start), lineOf(whole, start + part.length), 'f'),
          () => ({
            status: 'read',
            text: whole,
            allowed: true,
          }),
        ).checks
        const plain = (value: string) => value.replace(/\r+(?=\n|$)/g, '')
        const stands = plain(changed).trim() !== '' && plain(whole).includes(plain(changed))
        expect(check?.status === 'verified' || check?.status === 'repaired').toBe(stands)
        if (check?.lines) {
          const lines = plain(whole)
            .split('\n')
            .slice(check.lines.start - 1, check.lines.end)
          expect(lines.join('\n')).toContain(plain(changed))
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('hostile answers', () => {
  const seconds = (work: () => void) => {
    const started = performance.now()
    work()
    return (performance.now() - started) / 1000
  }

  test('ten thousand false quotations of a megabyte file end, and end incomplete', () => {
    const file = 'ab'.repeat(500_000)
    const answer = `${'f:1-1\n> '}${'ab'.repeat(45)}b\n`.repeat(10_000)
    let report: ReturnType<typeof checkQuotations> | undefined
    expect(seconds(() => (report = checkQuotations(answer, disk({ f: file }).reader)))).toBeLessThan(20)
    expect(report?.checks).toHaveLength(10_000)
    expect(report?.complete).toBe(false)
    expect(report?.checks.every(({ status }) => status === 'not_found')).toBe(true)
  })

  test('a quotation that overlaps itself everywhere is searched once', () => {
    const file = `${'a'.repeat(1_000_000)}`
    expect(seconds(() => statusOf(`f:7-7\n> ${'a'.repeat(1000)}`, { f: file }))).toBeLessThan(5)
  })

  test('invented paths are not asked for without end', () => {
    const { read, reader } = disk({})
    const answer = Array.from({ length: 10_000 }, (_, index) => `f${index}:1\n> x`).join('\n')
    const report = checkQuotations(answer, reader)
    expect(report.checks).toHaveLength(10_000)
    expect(read.length).toBeLessThanOrEqual(1024)
    expect(report.complete).toBe(false)
  })

  test('ten thousand true quotations of a normal file are all verified', () => {
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index} of the file`)
    const answer = Array.from({ length: 10_000 }, (_, index) =>
      quote(lines[index % 500] ?? '', (index % 500) + 1, (index % 500) + 1, 'f'),
    )
    const report = checkQuotations(answer.join('\n\n'), disk({ f: lines.join('\n') }).reader)
    expect(report.complete).toBe(true)
    expect(report.checks.every(({ status }) => status === 'verified')).toBe(true)
  })
})
