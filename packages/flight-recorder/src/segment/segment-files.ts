import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { safeInteger } from '../safe-integer.ts'

/** The folder of sealed segments, as the host provides it; names are made here. */
export interface SegmentFiles {
  /** Names of finished files, in any order. */
  list(): Iterable<string>
  read(name: string): string | undefined
  /** Leaves the whole file or the one before; durable when it returns, and read-only. */
  write(name: string, text: string): void
  remove(name: string): void
}

/** Positions from the first to the last, both included. */
export interface SegmentRange {
  readonly from: number
  readonly to: number
}

const DIGITS = 12
const NAME = /^(\d{12})-(\d{12})\.ndjson$/

/** Named by its range, so that a listing is in the order of the log. */
export function segmentName({ from, to }: SegmentRange): string {
  return `${String(from).padStart(DIGITS, '0')}-${String(to).padStart(DIGITS, '0')}.ndjson`
}

export function segmentRange(name: string): SegmentRange | undefined {
  const [, from, to] = NAME.exec(name) ?? []
  return from === undefined ? undefined : { from: Number(from), to: Number(to) }
}

export interface SegmentLines {
  /** Texts by the position each says it has. */
  readonly texts: ReadonlyMap<number, string>
  /** False when a line is no event of the range, or stands there twice. */
  readonly isSound: boolean
}

/** The lines of a segment. A line is the text of an event as it is hashed; anybody may have changed the file. */
export function readSegment(files: Pick<SegmentFiles, 'read'>, range: SegmentRange): SegmentLines {
  const texts = new Map<number, string>()
  const text = files.read(segmentName(range)) ?? ''
  let isSound = text === '' || text.endsWith('\n')
  for (const line of text.split('\n').slice(0, -1)) {
    const seq = positionIn(line)
    if (seq === undefined || seq < range.from || seq > range.to || texts.has(seq)) isSound = false
    else texts.set(seq, line)
  }
  return { texts, isSound }
}

function positionIn(line: string): number | undefined {
  try {
    const { seq } = JSON.parse(line)
    return Number.isSafeInteger(seq) ? seq : undefined
  } catch {
    return undefined
  }
}

/** Name of the SQL function by which queries read what is not in the database any more. */
export const SEALED_TEXT = 'ctxlock_sealed_text'

/**
 * The text of a sealed event by its position, or null. A host registers it under `SEALED_TEXT` with every connection that is to read
 * sealed events. It remembers one segment, because events are read in order.
 */
export function sealedTextReader(files: Pick<SegmentFiles, 'list' | 'read'>): (seq: number) => string | null {
  let last: { readonly range: SegmentRange; readonly texts: ReadonlyMap<number, string> } | undefined
  return (seq) => {
    if (!last || seq < last.range.from || seq > last.range.to) {
      const range = [...files.list()]
        .flatMap((name) => segmentRange(name) ?? [])
        .find(({ from, to }) => from <= seq && seq <= to)
      last = range && { range, texts: readSegment(files, range).texts }
    }
    return last?.texts.get(seq) ?? null
  }
}

/** The text of an event `e` in SQL: from its segment, where the host registered the function and the row has none. */
export function textOf(database: SqlDatabase): string {
  const known = database.prepare('SELECT 1 FROM pragma_function_list WHERE name = ?').get(SEALED_TEXT)
  return known ? `coalesce(e.event, ${SEALED_TEXT}(${safeInteger('e.seq')}))` : 'e.event'
}
