import { isObject, parseJson } from '@ctxlock/provider-kit'

/** Shorter ones are names and words of the wire: roles, types, ids. */
const LONGEST_WIRE_WORD = 64

/**
 * Whether a request body carries text that the bytes a person saw do not: `true` for a body that is no JSON, and for any
 * string or name in it of more than 64 characters that is no part of a string of `shown`, nor of its JSON text.
 */
export function holdsUnseenText(wireBody: Uint8Array, shown: Uint8Array): boolean {
  const wire = parseJson(new TextDecoder().decode(wireBody))
  if (!wire) return true
  const shownText = new TextDecoder().decode(shown)
  const seen = [shownText, ...stringsIn(JSON.parse(shownText))]
  for (const text of stringsIn(wire.value)) {
    if (text.length > LONGEST_WIRE_WORD && !seen.some((known) => known.includes(text))) return true
  }
  return false
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
