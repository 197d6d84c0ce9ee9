import { oneLine } from '@ctxlock/contracts/extraction-text'
import type { Redaction } from '@ctxlock/contracts/packs'
import { SECRET_CATEGORIES, type Redactor } from '@ctxlock/contracts/ports'

import { PackError } from '../pack-error.ts'
import { withoutRandomText } from './random-text.ts'

export type RedactionCount = Omit<Redaction, 'location'>

export interface RedactedField {
  readonly text: string
  readonly counts: readonly RedactionCount[]
}

/** Shorter pieces of a secret would match everywhere and give nothing away. */
const SHORTEST_PIECE = 8
/** A part of a secret that tells it wherever it stands, with other escapes, quotes or comment signs around it. */
const PART = /[\w+/=-]{16,}/g
const RANDOM = { category: 'token', detector_id: 'random_text' } as const

interface SecretPiece {
  readonly value: string
  readonly category: string
  readonly detector_id: string
}

/**
 * Redacts one text field at a time and looks again afterwards (CP-032, CP-033). `source` is the file the fields quote: a
 * secret that only shows in its surroundings, such as the lines of a private key below their header, is found there and
 * removed from every field that repeats a piece of it; and text of the file that looks random goes, whatever it is.
 *
 * The returned function throws `PACK_SECRET_DETECTED` when a secret survives.
 */
export function createFieldRedactor(redactor: Redactor, source?: string): (text: string) => RedactedField {
  const pieces = source === undefined ? [] : secretPieces(redactor, source)

  return (text) => {
    const counts: RedactionCount[] = []
    const withoutPieces = removePieces(text, pieces, counts)
    const { text: detected, findings } = redactor.redact(withoutPieces)
    for (const { category, detector_id } of findings) addCount(counts, { category, detector_id }, 1)
    const { text: redacted, count } =
      source === undefined ? { text: detected, count: 0 } : withoutRandomText(detected, markOf(RANDOM))
    if (count > 0) addCount(counts, RANDOM, count)
    if (counts.length === 0) return { text, counts }
    assertNoSecret(redactor, redacted)
    return { text: redacted, counts }
  }
}

/** Throws `PACK_SECRET_DETECTED` when the text holds anything a secret detector finds. */
export function assertNoSecret(redactor: Redactor, text: string): void {
  const finding = redactor.detect(text).find(({ category }) => SECRET_CATEGORIES.has(category))
  if (!finding) return
  throw new PackError(
    'PACK_SECRET_DETECTED',
    `The detector ${finding.detector_id} still finds a secret after redaction, so nothing was written. Remove it from the source.`,
  )
}

/** The redactions of one field, where they are listed in the pack (CP-035). */
export function redactionsAt(location: string, { counts }: RedactedField): Redaction[] {
  return counts.map((count) => ({ location, ...count }))
}

/** By location, category and detector. */
export function sortedRedactions(redactions: readonly Redaction[]): Redaction[] {
  const key = (redaction: Redaction) => `${redaction.location}\n${redaction.category}\n${redaction.detector_id}`
  return redactions.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

function secretPieces(redactor: Redactor, source: string): SecretPiece[] {
  const pieces = new Map<string, SecretPiece>()
  for (const { category, detector_id, start, end } of redactor.detect(source)) {
    if (!SECRET_CATEGORIES.has(category)) continue
    const secret = source.slice(start, end)
    const lines = secret.split('\n').map((line) => oneLine(line))
    for (const value of [...lines, ...(secret.match(PART) ?? [])]) {
      if (value.length >= SHORTEST_PIECE) pieces.set(value, { value, category, detector_id })
    }
  }
  return [...pieces.values()].sort((a, b) => b.value.length - a.value.length)
}

function removePieces(text: string, pieces: readonly SecretPiece[], counts: RedactionCount[]): string {
  let remaining = text
  for (const piece of pieces) {
    const label = markOf(piece)
    const parts = remaining.split(piece.value)
    // A field may have been cut inside the secret: then it ends with a part of it.
    const last = parts.at(-1) ?? ''
    const kept = withoutStartOf(piece.value, last)
    const found = parts.length - 1 + (kept === last ? 0 : 1)
    if (found === 0) continue
    parts[parts.length - 1] = kept
    remaining = parts.join(label) + (kept === last ? '' : label)
    addCount(counts, piece, found)
  }
  return remaining
}

/** The text without the start of `secret` that it ends with, if that start is long enough to tell. */
function withoutStartOf(secret: string, text: string): string {
  const tail = text.slice(-SHORTEST_PIECE)
  if (tail.length < SHORTEST_PIECE) return text
  for (let at = secret.lastIndexOf(tail); at !== -1; at = at === 0 ? -1 : secret.lastIndexOf(tail, at - 1)) {
    const start = secret.slice(0, at + SHORTEST_PIECE)
    if (text.endsWith(start)) return text.slice(0, text.length - start.length)
  }
  return text
}

function markOf({ category, detector_id }: Omit<RedactionCount, 'count'>): string {
  return `[REDACTED:${category}:${detector_id}]`
}

function addCount(
  counts: RedactionCount[],
  { category, detector_id }: Omit<RedactionCount, 'count'>,
  by: number,
): void {
  const index = counts.findIndex((entry) => entry.category === category && entry.detector_id === detector_id)
  const count = (counts[index]?.count ?? 0) + by
  if (index === -1) counts.push({ category, detector_id, count })
  else counts[index] = { category, detector_id, count }
}
