import { isObject, parseJson } from '@ctxlock/provider-kit'

/** Shorter ones are names and words of the wire: roles, types, ids. */
const LONGEST_WIRE_WORD = 64

/**
 * Whether a request body carries text that the bytes a person saw do not: `true` for a body that is no JSON, and for any
 * string or name in it of more than 64 characters that is no part of a string of `shown`, nor of its JSON text. A string
 * that is JSON itself, such as the arguments of a tool call, may also be made of such strings.
 */
export function holdsUnseenText(wireBody: Uint8Array, shown: Uint8Array): boolean {
  const wire = parseJson(new TextDecoder().decode(wireBody))
  if (!wire) return true
  const shownText = new TextDecoder().decode(shown)
  const seen = [shownText, ...stringsIn(JSON.parse(shownText))]
  const isSeen = (text: string): boolean => {
    if (text.length <= LONGEST_WIRE_WORD || seen.some((known) => known.includes(text))) return true
    const inner = parseJson(text)?.value
    return typeof inner === 'object' && inner !== null && everyString(inner, isSeen)
  }
  return !everyString(wire.value, isSeen)
}

function everyString(value: unknown, holds: (text: string) => boolean): boolean {
  for (const text of stringsIn(value)) if (!holds(text)) return false
  return true
}

function* stringsIn(value: unknown): Generator<string, void, undefined> {
  if (typeof value === 'string') yield value
  else if (Array.isArray(value)) for (const item of value) yield* stringsIn(item)
  else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      yield name
      yield* stringsIn(member)
    }
  }
}
