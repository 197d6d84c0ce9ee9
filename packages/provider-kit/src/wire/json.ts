import type { ToolCall } from '@ctxlock/contracts/provider'

/** Any JSON value, by the type the contracts use. */
export type Json = ToolCall['arguments']

/** A JSON object of a server: nothing about it is known. */
export type JsonObject = Readonly<Record<string, unknown>>

/** True for an object that is no array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value, or an empty object for anything else: a server may leave out what it wants. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** The value, or an empty list for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value, or undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

// A petabyte. Counts are added up, and a server must not be able to make a sum that nobody can record.
const MAX_COUNT = 2 ** 50

/** A count of tokens, bytes or the like; anything that cannot be one is unknown, never zero. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MAX_COUNT
    ? value
    : undefined
}

/** The parsed text, or nothing when it is not JSON. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

// A server nests its answer as deep as it likes. Records end at 256 levels, and the answer is inside one.
const MAX_DEPTH = 128

/** `JSON.parse` yields nothing but JSON, so a parsed value may be called so, unless it is nested beyond all use. */
export function isJson(value: unknown, depth = 0): value is Json {
  if (depth > MAX_DEPTH) return false
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1))
  if (isObject(value)) return Object.values(value).every((member) => isJson(member, depth + 1))
  return value === null || typeof value === 'string' || typeof value === 'boolean'
}

/** An object without its absent members: RFC 8785 has no `undefined`. */
export function present(members: Readonly<Record<string, Json | undefined>>): { readonly [name: string]: Json } {
  const kept: { [name: string]: Json } = {}
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined) kept[name] = value
  }
  return kept
}
