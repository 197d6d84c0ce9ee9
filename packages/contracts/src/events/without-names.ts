import type { JsonValue } from '@ctxlock/core-hash'
import { z } from 'zod'

import { Timestamp, Uuid } from '../primitives.ts'
import { notClosed } from './open-fields.ts'

/** Strings that say when and which, and nothing else. */
const PLAIN: ReadonlySet<z.core.$ZodType> = new Set([Timestamp, Uuid])
/** Ids that a host may choose; kept where they are UUIDs, as the runner makes them. */
const RUN_IDS: ReadonlySet<string> = new Set(['workflow_run_id', 'job_id', 'model_session_id'])

/**
 * A value of a closed schema in which only words of the schema, numbers, times and UUIDs are left; every other string (a name, a
 * path, a text, a hash of content that could be guessed) is what `hide` returns for it.
 */
export function withoutNames(schema: z.core.$ZodType, value: unknown, hide: (text: string) => string): JsonValue {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional || schema instanceof z.ZodNullable) {
    return value === null || value === undefined ? null : withoutNames(schema.unwrap(), value, hide)
  }
  if (schema instanceof z.ZodObject && typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, member]) => {
      const field: z.core.$ZodType | undefined = schema.shape[key]
      if (!field) throw notClosed([key])
      const isRunId = RUN_IDS.has(key) && Uuid.safeParse(member).success
      return [key, withoutNames(isRunId ? Uuid : field, member, hide)] as const
    })
    return Object.fromEntries(members)
  }
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item) => withoutNames(schema.element, item, hide))
  }
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral || PLAIN.has(schema)) return z.json().parse(value)
  if (typeof value === 'string') return hide(value)
  if (typeof value === 'number' || typeof value === 'boolean') return value
  throw notClosed([])
}
