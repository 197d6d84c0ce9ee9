import { matchAt, type Rule } from './rule.ts'

/** Shorter values occur by chance; a placeholder key such as `none` would redact half a repository. */
const SHORTEST = 8

/** Exact values of secrets this process holds, in every spelling they are likely to leak in (CP-034). */
export function knownValueRules(secrets: readonly string[]): Rule[] {
  const values = secrets.map((secret) => secret.trim()).filter(isLong)
  const spellings = new Set(values.flatMap(spellingsOf).filter(isLong))
  const base64 = new Set(values.flatMap(base64Spellings).filter(isLong))
  return [
    ...Array.from(spellings, (spelling) => knownValueRule(spelling, /(?!)/y, /(?!)$/)),
    // The first and the last character also hold bits of the neighbours, and bits of the secret.
    ...Array.from(base64, (spelling) => knownValueRule(spelling, /[\w+/-]{1,2}={0,2}|={1,2}/y, /[\w+/-]{1,2}$/)),
  ]
}

function knownValueRule(spelling: string, after: RegExp, before: RegExp): Rule {
  const trigger = triggerOf(spelling)
  return {
    triggers: [trigger.replace(/[A-Z]/g, (letter) => letter.toLowerCase())],
    find(text, triggered) {
      const start = triggered - spelling.indexOf(trigger)
      if (start < 0 || !text.startsWith(spelling, start)) return undefined
      const end = start + spelling.length
      const left = before.exec(text.slice(Math.max(0, start - 2), start))?.[0].length ?? 0
      const right = matchAt(after, text, end)?.[0].length ?? 0
      return { category: 'api_key', detector_id: 'secret_known_value', start: start - left, end: end + right }
    },
  }
}

/** A part without white space, which a trigger must not hold; a long key need not be in the automaton as a whole. */
function triggerOf(spelling: string): string {
  const parts = spelling.split(/\p{White_Space}+/u).map((part) => part.slice(0, 64))
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest), '')
}

function isLong(value: string): boolean {
  return value.length >= SHORTEST
}

function spellingsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const percent = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  const encoded = encodeURIComponent(secret.toWellFormed())
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encoded,
    encoded.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    percent,
    percent.toUpperCase(),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    Array.from(secret).toReversed().join(''),
  ]
}

function base64Spellings(secret: string): string[] {
  return [0, 1, 2].flatMap((offset) => base64Inside(Buffer.from(secret), offset))
}

/**
 * How the bytes look inside a longer base64 text, where they may start at any of three offsets: only the characters that
 * do not depend on their neighbours.
 */
function base64Inside(bytes: Buffer, offset: number): string[] {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '')
  const first = Math.ceil((offset * 8) / 6)
  const last = Math.floor(((offset + bytes.length) * 8) / 6)
  const inside = text.slice(first, last)
  return [inside, inside.replaceAll('+', '-').replaceAll('/', '_')]
}
