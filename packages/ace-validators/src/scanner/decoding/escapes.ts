import { BETWEEN, Derivation, type DerivedText } from './derived-text.ts'
import { ENTITIES } from './entities.ts'

const ANY = /&[#a-z]|%[0-9a-f]{2}|\\[uxn0-7]/i
const ESCAPE =
  /&(?:#x(?<hexEntity>[0-9a-f]{1,6})|#(?<entity>\d{1,7})|(?<name>[a-z][a-z0-9]{1,30}));?|(?<percent>(?:%[0-9a-f]{2})+)|\\u\{(?<braced>[0-9a-f]{1,6})\}|\\(?:u(?<long>00(?:0[0-9a-f]|10)[0-9a-f]{4})|u(?<unit>[0-9a-f]{4})|x\{(?<bracedByte>[0-9a-f]{1,6})\}|N\{U\+(?<named>[0-9a-f]{4,6})\}|x(?<byte>[0-9a-f]{2})|(?<octal>[0-7]{3}))|(?<plus>\+)/gi

/** UTF-16 units around an escape that can belong to one pattern with it. */
const NEAR = 1024

/** Entities, percent signs and the escapes of programming languages as the characters they stand for, with what is near them. */
export function withoutEscapes(text: string): DerivedText | undefined {
  if (!ANY.test(text)) return undefined
  const hasPercent = /%[0-9a-f]{2}/i.test(text)
  let derivation: Derivation | undefined
  let copied = 0
  for (const match of text.matchAll(ESCAPE)) {
    const meaning = meaningOf(match.groups ?? {}, hasPercent)
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
    derivation.put(meaning, { start: match.index, end })
    copied = end
  }
  if (derivation === undefined) return undefined
  derivation.copy(copied, Math.min(text.length, copied + NEAR))
  return derivation.finish()
}

function meaningOf(groups: Readonly<Record<string, string | undefined>>, hasPercent: boolean): string | undefined {
  const { name, percent, entity, octal, plus } = groups
  // A space, where there are percent signs.
  if (plus !== undefined) return hasPercent ? ' ' : undefined
  if (name !== undefined) return namedEntity(name)
  if (percent !== undefined) return Buffer.from(percent.replaceAll('%', ''), 'hex').toString('utf8')
  if (entity !== undefined) return characterOf(Number.parseInt(entity, 10))
  if (octal !== undefined) return characterOf(Number.parseInt(octal, 8))
  const hex =
    groups['hexEntity'] ??
    groups['braced'] ??
    groups['bracedByte'] ??
    groups['named'] ??
    groups['unit'] ??
    groups['byte'] ??
    groups['long']
  return hex === undefined ? undefined : characterOf(Number.parseInt(hex, 16))
}

/** Letters in script, Fraktur and double-struck form have one rule. */
function namedEntity(name: string): string | undefined {
  const letter = /^([a-z])(?:scr|fr|opf)$/i.exec(name)?.[1]
  return letter ?? ENTITIES.get(name.toLowerCase())
}

function characterOf(codePoint: number): string | undefined {
  return codePoint > 0 && codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : undefined
}
