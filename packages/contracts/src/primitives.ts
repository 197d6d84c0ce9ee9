import { z } from 'zod'

import { RELATIVE_PATH } from './relative-path.ts'

/** SHA-256 as 64 lower-case hex characters, never prefixed, truncated or upper-case (CJ-029). */
export const Hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ id: 'Hash' })
export type Hash = z.infer<typeof Hash>

/** Bytes as base64 with padding (RFC 4648, section 4). */
export const Base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/)

/** The only canonical timestamp form: UTC, three fractional digits (CJ-024, CJ-026). */
export const Timestamp = z
  .string()
  .regex(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/)
  .meta({ id: 'Timestamp' })
export type Timestamp = z.infer<typeof Timestamp>

/** Any UUID but the nil one. */
export const Uuid = z
  .string()
  .regex(/^(?!0{8}-0{4}-0{4}-0{4}-0{12}$)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  .meta({ id: 'Uuid' })
export type Uuid = z.infer<typeof Uuid>

/** An identifier of at most 256 characters on one line. */
export const Identifier = z.string().regex(/^[^\p{Cc}]{1,256}$/u)

/**
 * A path inside the workspace (CP-036): forward slashes, no empty, `.` or `..` segment, no leading `/` or `~`, no drive
 * letter, UNC prefix or URL scheme, no control character. NFC is checked by `isRelativePath`, which JSON Schema cannot say.
 */
export const RelativePath = z
  .string()
  .min(1)
  .max(4096)
  .regex(RELATIVE_PATH, { error: 'expected a path inside the workspace such as src/a.ts, without a leading / or ./' })
  .meta({ id: 'RelativePath' })
export type RelativePath = z.infer<typeof RelativePath>

/** The id of a source: it may hold a path of 4096 characters, which is more than an `Identifier`. */
export const SourceId = z.string().regex(/^[^\p{Cc}]{1,4200}$/u)

/** Text for people: one line, at most 512 characters (REC-012). */
export const Summary = z.string().regex(/^[^\p{Cc}]{0,512}$/u)

export const Classification = z.enum(['low', 'medium', 'high'])
export type Classification = z.infer<typeof Classification>

export const DeterminismMode = z.enum(['strict', 'replay'])
export type DeterminismMode = z.infer<typeof DeterminismMode>

export const ModelTier = z.enum(['local', 'cloud'])
export type ModelTier = z.infer<typeof ModelTier>

export const GovernanceMode = z.enum(['gov_strict', 'gov_standard', 'gov_light'])
export type GovernanceMode = z.infer<typeof GovernanceMode>

export const AutomationLevel = z.enum(['FULL_HUMAN', 'HYBRID', 'AUTONOMOUS', 'LOCKED'])
export type AutomationLevel = z.infer<typeof AutomationLevel>
/** What older configurations call `HYBRID` (PROV-060). */
export const LEGACY_AUTOMATION_LEVELS: ReadonlySet<unknown> = new Set(['ASSISTED', 'SUPERVISED'])

export const ParameterClass = z.enum(['P7B', 'P13B', 'P32B', 'P72B', 'P110B', 'PUnknown'])
export type ParameterClass = z.infer<typeof ParameterClass>

export const SafeInteger = z.int()
export const Count = z.int().min(0)

/** States of a job (spec 05 section 5). */
export const JobState = z.enum([
  'queued',
  'running',
  'stalled',
  'awaiting_validation',
  'awaiting_user',
  'completed',
  'completed_with_issues',
  'failed',
  'cancelled',
  'poisoned',
])
export type JobState = z.infer<typeof JobState>
