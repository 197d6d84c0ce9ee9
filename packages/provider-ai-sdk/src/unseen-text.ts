import { isObject, objectOf, parseJson } from '@ctxlock/provider-kit'

import { fileText } from './file-text.ts'

/** Shorter ones are names and words of the wire: roles, types, ids. */
const LONGEST_WIRE_WORD = 64
/** A file in the body of a request: its type is a word of the wire, its content was shown without it. */
const DATA_URL_START = /^data:[^,]{0,64},/

/**
 * Whether a request body carries text that the bytes a person saw do not: `true` for a body that is no JSON, and for any
 * string or name in it of more than 64 characters that is no part of a string of `shown`, nor of its JSON text. The text of a
 * file counts as shown where guards are given it, and so do the texts of one message one behind the other. A string that is
 * JSON itself, such as the arguments of a tool call, may also be made of such strings.
 */
export function holdsUnseenText(wireBody: Uint8Array, shown: Uint8Array): boolean {
  const wire = parseJson(new TextDecoder().decode(wireBody))
  if (!wire) return true
  const shownText = new TextDecoder().decode(shown)
  const call: unknown = JSON.parse(shownText)
  const seen = [shownText, ...stringsIn(call), ...textsMadeOf(call)]
  const isSeen = (text: string): boolean => {
    const content = text.replace(DATA_URL_START, '')
    if (content.length <= LONGEST_WIRE_WORD || seen.some((known) => known.includes(content))) return true
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

/** What providers of the SDK write for the parts of a call: a file as its text, parts of one kind as one text. */
function* textsMadeOf(value: unknown): Generator<string, void, undefined> {
  if (!isObject(value) && !Array.isArray(value)) return
  if (Array.isArray(value)) {
    const texts = value.map(objectOf).filter(({ text }) => typeof text === 'string')
    for (const parts of Map.groupBy(texts, ({ type }) => type).values()) yield parts.map(({ text }) => text).join('')
  } else if (typeof value['mediaType'] === 'string') yield fileText(value['data'], value['mediaType']) ?? ''
  for (const member of Object.values(value)) yield* textsMadeOf(member)
}
