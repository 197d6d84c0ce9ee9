import { doubt } from './doubt.ts'
import type { TokenStream } from './token-stream.ts'

const ESCAPE = /\\(?:u\{([\da-f]{1,6})\}|u([\da-f]{4})|x([\da-f]{2})|(\r\n|[^]))/gi
const SINGLE: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
  '\r\n': '',
}

/** What the current token, a string, says. The octal escapes of old scripts are left to the parser. */
export function stringValue({ kind, text, start, end }: TokenStream): string {
  const raw = text.slice(start + 1, end - 1)
  if (kind !== 'string') doubt(start)
  if (!raw.includes('\\')) return raw
  return raw.replace(ESCAPE, (_, point?: string, unit?: string, byte?: string, single = '') => {
    if (/^[\dux\r\u2028\u2029]$/i.test(single)) doubt(start)
    if (single !== '') return SINGLE[single] ?? single
    const code = Number.parseInt(point ?? unit ?? byte ?? '', 16)
    if (code > 0x10ffff) doubt(start)
    return point === undefined ? String.fromCharCode(code) : String.fromCodePoint(code)
  })
}
