import { z } from 'zod'

import { Hash, Timestamp, Uuid } from '../primitives.ts'
import { ArtifactReference, EventCode, EventIdentifier } from './fields.ts'

/** What a field of an event can hold at most: a closed word says nothing of a prompt, a `text` may. */
export type FieldKind = 'number' | 'boolean' | 'word' | 'uuid' | 'time' | 'hash' | 'code' | 'identifier' | 'text'

const STRINGS: ReadonlyMap<z.core.$ZodType, FieldKind> = new Map<z.core.$ZodType, FieldKind>([
  [Uuid, 'uuid'],
  [Timestamp, 'time'],
  [Hash, 'hash'],
  [ArtifactReference, 'hash'],
  [EventCode, 'code'],
  [EventIdentifier, 'identifier'],
])

/** The kind of the field a path leads to; undefined where it leads to none, or to several values. */
export function kindAt(schema: z.core.$ZodType, path: readonly string[]): FieldKind | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional || schema instanceof z.ZodNullable) {
    return kindAt(schema.unwrap(), path)
  }
  const [key, ...rest] = path
  if (key !== undefined) {
    const field: z.core.$ZodType | undefined = schema instanceof z.ZodObject ? schema.shape[key] : undefined
    return field && kindAt(field, rest)
  }
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) return 'word'
  if (schema instanceof z.ZodNumber) return 'number'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  return schema instanceof z.ZodString ? (STRINGS.get(schema) ?? 'text') : undefined
}
