import { z } from 'zod'

import { Hash, Timestamp, Uuid } from '../primitives.ts'
import { ArtifactReference, CandidateId, EventReference, EventText, Salt } from './fields.ts'

/** A string of an event that is not drawn from a closed set; `*` in a path stands for every item of an array. */
export interface OpenField {
  readonly path: readonly string[]
  readonly kind: 'text' | 'identifier' | 'reference' | 'artifact'
}

const CLOSED: ReadonlySet<z.core.$ZodType> = new Set([Hash, Uuid, Timestamp, CandidateId, Salt])
const KINDS: ReadonlyMap<z.core.$ZodType, OpenField['kind']> = new Map([
  [EventText, 'text'],
  [EventReference, 'reference'],
  [ArtifactReference, 'artifact'],
])

/**
 * The open strings of a schema: what has to be redacted before it is stored, and which artifacts it names.
 * Throws for a schema that is not closed, so that no event id can be catalogued with an unchecked payload (REC-003).
 */
export function findOpenFields(schema: z.core.$ZodType, path: readonly string[] = []): OpenField[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional || schema instanceof z.ZodNullable) {
    return findOpenFields(schema.unwrap(), path)
  }
  if (schema instanceof z.ZodObject) {
    if (!(schema.def.catchall instanceof z.ZodNever)) throw notClosed(path)
    return Object.entries(schema.shape).flatMap(([key, field]) => findOpenFields(field, [...path, key]))
  }
  if (schema instanceof z.ZodArray) return findOpenFields(schema.element, [...path, '*'])
  if (schema instanceof z.ZodString) {
    return CLOSED.has(schema) ? [] : [{ path, kind: KINDS.get(schema) ?? 'identifier' }]
  }
  const isClosed =
    schema instanceof z.ZodNumber ||
    schema instanceof z.ZodBoolean ||
    schema instanceof z.ZodEnum ||
    schema instanceof z.ZodLiteral
  if (!isClosed) throw notClosed(path)
  return []
}

export function notClosed(path: readonly string[]): TypeError {
  return new TypeError(`An event schema must be closed; /${path.join('/')} is not.`)
}

/** Calls `visit` with every string of `value` at `path`, and with a function that puts another in its place. */
export function visitStrings(
  value: unknown,
  path: readonly string[],
  visit: (text: string, replace: (replacement: string) => void) => void,
  depth = 0,
): void {
  const key = path[depth]
  if (typeof value !== 'object' || value === null || key === undefined) return
  const names = key === '*' ? Object.keys(value) : Object.hasOwn(value, key) ? [key] : []
  for (const name of names) {
    const inner: unknown = Reflect.get(value, name)
    if (depth + 1 < path.length) visitStrings(inner, path, visit, depth + 1)
    else if (typeof inner === 'string') visit(inner, (replacement) => Reflect.set(value, name, replacement))
  }
}
