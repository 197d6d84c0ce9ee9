import { BETWEEN, Derivation, type DerivedText } from './derived-text.ts'
import { ENTITIES } from './entities.ts'

const ANY = /&[#a-zA-Z]|%[0-9a-fA-F]{2}|\\[uUxX0-7]|\\N\{/
const ESCAPE =
  /&(?:#x[0-9a-f]{1,6}|#\d{1,7}|[a-z][a-z0-9]{1,30});?|(?:%[0-9a-f]{2})+|\\u\{[0-9a-f]{1,6}\}|\\(?:u00(?:0[0-9a-f]|10)[0-9a-f]{4}|u[0-9a-f]{4}|x\{[0-9a-f]{1,6}\}|N\{U\+[0-9a-f]{4,6}\}|x[0-9a-f]{2}|[0-7]{3})|\++/gi

/** UTF-16 units around an escape that can belong to one pattern with it. */
const NEAR = 1024

/** Entities, percent signs and the escapes of programming languages as the characters they stand for, with what is near them. */
export function withoutEscapes(text: string): DerivedText | undefined {
  if (!ANY.test(text)) return undefined
  const hasPercent = /%[0-9a-f]{2}/i.test(text)
  let derivation: Derivation | undefined
  let copied = 0
  ESCAPE.lastIndex = 0
  for (let match = ESCAPE.exec(text); match !== null; match = ESCAPE.exec(text)) {
    const meaning = meaningOf(match[0], hasPercent)
    if (meaning === undefined) continue
    derivation ??= new Derivation(text)
    const end = match.index + match[0].length
    if (match.index - copied > 2 * NEAR) {
      // What is far from any escape was looked at already.
      if (copied > 0) derivation.copy(copied, copied + NEAR)
      derivation.put(BETWEEN, { start: copied, end: match.index })
      copied = match.index - NEAR
    }
    derivation.copy(copied, match.index)
    if (match[0].startsWith('+')) derivation.putEach(meaning, match.index)
    else derivation.put(meaning, { start: match.index, end })
    copied = end
  }
  if (derivation === undefined) return undefined
  derivation.copy(copied, Math.min(text.length, copied + NEAR))
  return derivation.finish()
}

function meaningOf(escape: string, hasPercent: boolean): string | undefined {
  switch (escape.charAt(0)) {
    case '+':
      // Spaces, where there are percent signs.
      return hasPercent ? ' '.repeat(escape.length) : undefined
    case '%':
      return Buffer.from(escape.replaceAll('%', ''), 'hex').toString('utf8')
    case '&':
      return entity(escape.slice(1))
    default:
      return escaped(escape.slice(1))
  }
}

/** `parseInt` stops at the sign that ends an entity. */
function entity(text: string): string | undefined {
  if (/^#x/i.test(text)) return characterOf(Number.parseInt(text.slice(2), 16))
  if (text.startsWith('#')) return characterOf(Number.parseInt(text.slice(1), 10))
  return namedEntity(text.replace(';', ''))
}

/** What a backslash begins: octal digits, or hexadecimal ones after a letter. */
function escaped(text: string): string | undefined {
  if (/^[0-7]/.test(text)) return characterOf(Number.parseInt(text, 8))
  return characterOf(Number.parseInt(text.replace(/^(?:N\{U\+|[ux]\{?)/i, ''), 16))
}

/** Letters in script, Fraktur and double-struck form have one rule. */
function namedEntity(name: string): string | undefined {
  const letter = /^([a-z])(?:scr|fr|opf)$/i.exec(name)?.[1]
  return letter ?? ENTITIES.get(name.toLowerCase())
}

function characterOf(codePoint: number): string | undefined {
  return codePoint > 0 && codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : undefined
}
