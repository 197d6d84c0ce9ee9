import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import { z } from 'zod'

/** UTF-16 units of the text, or of one of the snippets. */
const Span = z.object({ snippet: z.int().min(0).optional(), start: z.int().min(0), end: z.int().min(0) })
export type Span = z.infer<typeof Span>

const Texts = { text: z.string().optional(), snippets: z.array(z.string()).optional() }

const AttackRow = z.object({
  id: z.string(),
  ...Texts,
  pattern: z.string(),
  evasion: z.string(),
  tier: z.enum(['spec', 'hardened', 'stretch']),
  spans: z.array(Span),
  profile_patterns: z.array(z.string()).optional(),
})
export type AttackRow = z.infer<typeof AttackRow>

const BenignRow = z.object({
  id: z.string(),
  ...Texts,
  cls: z.string(),
  contested: z.boolean().optional(),
  /** Holds a pattern although nobody attacks: a quotation, a text about attacks. */
  contains: z.unknown().optional(),
})
export type BenignRow = z.infer<typeof BenignRow>

export function readAttackRows(path: string): AttackRow[] {
  return readRows(path).map((row) => AttackRow.parse(row))
}

export function readBenignRows(path: string): BenignRow[] {
  return readRows(path).map((row) => BenignRow.parse(row))
}

/** The texts of a row in prompt order. */
export function textsOf({
  text,
  snippets,
}: {
  readonly text?: string | undefined
  readonly snippets?: string[] | undefined
}): string[] {
  return snippets ?? (text === undefined ? [] : [text])
}

/** JSON lines, packed with gzip or not. */
function readRows(path: string): unknown[] {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): unknown => JSON.parse(line))
}
