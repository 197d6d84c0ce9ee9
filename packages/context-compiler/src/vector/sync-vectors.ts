import type { Embedder, SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import { textHash } from '@ctxlock/core-hash'

import { CompileError } from '../compile-error.ts'
import { chunkLines, linesOf } from '../lexical/chunks.ts'
import { definitionsIn } from '../lexical/definitions.ts'
import type { IndexedFile } from '../lexical/sync-index.ts'
import { plannedQuery } from '../query/query-plan.ts'
import { embedTexts, isSameModel, modelOf } from './embed-texts.ts'
import { openVectorStore, type VectorFile, type VectorStore } from './vector-store.ts'

/** Texts sent to the embedder at once. */
const BATCH = 32

export interface VectorInput {
  /** All files of the workspace. May be iterated twice; the text of a file is read only when it has to be embedded. */
  readonly files: Iterable<IndexedFile>
  /** Questions that will be asked: search only uses what is stored. */
  readonly queries?: readonly string[]
  readonly embedder: Embedder
  /**
   * What may leave of a text that quotes `source`; undefined when nothing may. Whatever decides about it belongs into the
   * embedder's id. Without it texts leave as they are.
   */
  readonly redact?: (source: string) => (text: string) => string | undefined
  /** What the model wants before each text, if it was trained so. Belongs into the embedder's id too. */
  readonly prefixes?: VectorPrefixes
  readonly progress?: (embedded: number) => void
}

export interface VectorPrefixes {
  readonly query: string
  readonly passage: string
}

export interface VectorSync {
  /** Texts the embedder was asked for; the vectors of all others were known. */
  readonly embedded: number
  /** Windows of the files that changed. */
  readonly chunks: number
  /** Another model answers than the one that made what was stored: all of that was forgotten and made anew (ACE-061). */
  readonly modelChanged: boolean
}

/**
 * Makes the vectors say what `files` say: content decides, only texts without a vector are sent, files that are not listed
 * go. The embedder is asked nothing when nothing is missing. Each batch is durable when it arrives, so an interrupted run
 * goes on where it stopped; the windows of all files change together at the end. Throws what the embedder throws, and
 * `EmbeddingInvalid` for vectors that cannot be used or that another model made than the one before them.
 */
export async function syncVectors(database: SqlDatabase, input: VectorInput): Promise<VectorSync> {
  const store = openVectorStore(database, input.embedder.id)
  const modelChanged = isAnythingMissing(store, input) && (await followModel(store, input.embedder))
  const missing = missingTexts(store, input)
  const { prefixes = { query: '', passage: '' }, redact = () => (text: string) => text } = input

  for (const query of queriesOf(input)) {
    const text = redact(query)(query)
    if (text !== undefined) await missing.add(textHash(query), prefixes.query + text)
  }
  const known = store.files()
  const gone = new Set(known.keys())
  const changed: VectorFile[] = []
  for (const file of input.files) {
    gone.delete(file.path)
    if (known.get(file.path) === file.hash) continue
    const windows = windowsOf(file, prefixes.passage, redact)
    for (const { chunk, text } of windows) await missing.add(chunk.textHash, text)
    changed.push({ path: file.path, sourceHash: file.hash, chunks: windows.map(({ chunk }) => chunk) })
  }
  await missing.flush()
  // Of many batches the last may be another model's than the first, and nobody would ask again while nothing is missing.
  if (missing.embedded() > BATCH && (await followModel(store, input.embedder))) throw exchangedMeanwhile()
  store.update(changed, gone)
  const chunks = changed.reduce((sum, file) => sum + file.chunks.length, 0)
  return { embedded: missing.embedded(), chunks, modelChanged }
}

/** Reading ends at the first difference. Files that went need no model. */
function isAnythingMissing(store: VectorStore, input: VectorInput): boolean {
  if (queriesOf(input).some((query) => !store.has(textHash(query)))) return true
  const known = store.files()
  for (const { path, hash } of input.files) if (known.get(path) !== hash) return true
  return false
}

/** Makes room for the vectors of the model that answers now; true when another one's had to go. */
async function followModel(store: VectorStore, embedder: Embedder): Promise<boolean> {
  const now = await modelOf(embedder)
  const before = store.model()
  if (before && isSameModel(before, now)) return false
  store.startModel(now)
  return before !== undefined
}

function exchangedMeanwhile(): CompileError {
  const message = 'The embedding model was exchanged while texts were embedded; none of them was kept; try again.'
  return new CompileError('EmbeddingInvalid', message)
}

/** Collects the texts that have no vector yet, and embeds them batch by batch. */
function missingTexts(store: VectorStore, { embedder, progress }: VectorInput) {
  const batch = new Map<Hash, string>()
  let embedded = 0
  async function flush(): Promise<void> {
    if (batch.size === 0) return
    await embedTexts(store, embedder, batch)
    embedded += batch.size
    batch.clear()
    progress?.(embedded)
  }
  return {
    embedded: () => embedded,
    flush,
    async add(key: Hash, text: string): Promise<void> {
      if (store.has(key)) return
      batch.set(key, text)
      if (batch.size >= BATCH) await flush()
    },
  }
}

function queriesOf({ queries = [] }: VectorInput): string[] {
  return queries.map(plannedQuery)
}

function windowsOf({ path, text }: IndexedFile, prefix: string, redact: NonNullable<VectorInput['redact']>) {
  if (text === undefined || text.includes('\0')) return []
  const lines = linesOf(text)
  const redactWindow = redact(text)
  return chunkLines(lines, definitionsIn(lines)).flatMap(({ start, end, text: window }) => {
    // The path is part of what a passage means, and of what it is known by.
    const redacted = window.trim() === '' ? undefined : redactWindow(`${path}\n${window}`)
    if (redacted === undefined) return []
    const embedded = prefix + redacted
    return [{ text: embedded, chunk: { start, end, codeUnits: window.length, textHash: textHash(embedded) } }]
  })
}
