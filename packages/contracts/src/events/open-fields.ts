import { z } from 'zod'

import { Hash, Timestamp, Uuid } from '../primitives.ts'
import { ArtifactReference, CandidateId, EventReference, EventText, Salt } from './fields.ts'

/** A string of an event that is not drawn from a closed set; `*` in a path stands for every item of an array. */
export interface OpenField<Kind extends OpenKind = OpenKind> {
  readonly path: readonly string[]
  readonly kind: Kind
}
type OpenKind = 'text' | 'identifier' | 'reference' | 'artifact'
/** Of a string that is looked at before it is stored. */
export type TextKind = Exclude<OpenKind, 'artifact'>

const CLOSED: ReadonlySet<z.core.$ZodType> = new Set([Hash, Uuid, Timestamp, CandidateId, Salt])
const KINDS: ReadonlyMap<z.core.$ZodType, OpenKind> = new Map([
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
    const kind = openKindOf(schema)
    return kind ? [{ path, kind }] : []
  }
  const isClosed =
    schema instanceof z.ZodNumber ||
    schema instanceof z.ZodBoolean ||
    schema instanceof z.ZodEnum ||
    schema instanceof z.ZodLiteral
  if (!isClosed) throw notClosed(path)
  return []
}

/** Undefined for what can only be an id, a hash or a time. */
export function openKindOf(schema: z.ZodString): OpenKind | undefined {
  return CLOSED.has(schema) ? undefined : (KINDS.get(schema) ?? 'identifier')
}

export function notClosed(path: readonly string[]): TypeError {
  return new TypeError(`An event schema must be closed; /${path.join('/')} is not.`)
}

/** What is done with a string; what it returns takes the string's place. */
type Visit<Kind extends OpenKind> = (text: string, kind: Kind) => string

/** Calls `visit` with every string that plain data has in a field. */
export function visitStrings<Kind extends OpenKind>(
  value: unknown,
  field: OpenField<Kind>,
  visit: Visit<Kind>,
  depth = 0,
): void {
  const key = field.path[depth]
  if (key === undefined || !isContainer(value)) return
  if (key !== '*') visitMember(value, key, field, visit, depth)
  else for (const index of Object.keys(value)) visitMember(value, index, field, visit, depth)
}

function visitMember<Kind extends OpenKind>(
  container: Record<string, unknown>,
  key: string,
  field: OpenField<Kind>,
  visit: Visit<Kind>,
  depth: number,
): void {
  const member = container[key]
  if (depth + 1 < field.path.length) return visitStrings(member, field, visit, depth + 1)
  if (typeof member !== 'string') return
  const replacement = visit(member, field.kind)
  if (replacement !== member) container[key] = replacement
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
