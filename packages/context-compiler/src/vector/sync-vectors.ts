import type { Embedder, SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { textHash } from '@ctxlock/core-hash'

import { CompileError } from '../compile-error.ts'
import { chunkLines, linesOf } from '../lexical/chunks.ts'
import { definitionsIn } from '../lexical/definitions.ts'
import type { IndexedFile } from '../lexical/sync-index.ts'
import { quantise } from './quantised.ts'
import { openVectorStore, type VectorChunk, type VectorStore } from './vector-store.ts'

/** Texts sent to the embedder at once. */
const BATCH = 32

export interface VectorSync {
  /** Texts the embedder was asked for; the vectors of all others were known. */
  readonly embedded: number
  readonly chunks: number
}

/**
 * Makes the vectors say what `files` say: content decides, only texts without a vector of this embedder are sent, files that
 * are not listed go. Each batch is durable when it arrives, so an interrupted run goes on where it stopped; the chunks of all
 * files change together at the end. Throws what the embedder throws, and `InvalidInput` for vectors that cannot be used.
 */
export async function syncVectors(
  database: SqlDatabase,
  { files, embedder }: { readonly files: Iterable<IndexedFile>; readonly embedder: Embedder },
): Promise<VectorSync> {
  const store = openVectorStore(database, embedder.id)
  const gone = store.sources()
  const changed = new Map<string, VectorChunk[]>()
  const missing = new Map<Hash, string>()
  let embedded = 0
  for (const file of files) {
    const before = gone.get(file.path)
    gone.delete(file.path)
    if (before === file.hash) continue
    const chunks = chunksOf(file)
    changed.set(
      file.path,
      chunks.map(({ chunk }) => chunk),
    )
    for (const { chunk, text } of chunks) if (!store.has(chunk.textHash)) missing.set(chunk.textHash, text)
    if (missing.size >= BATCH) embedded += await embedAll(missing, embedder, store)
  }
  embedded += await embedAll(missing, embedder, store)
  inTransaction(database, () => {
    for (const path of gone.keys()) store.replace(path, [])
    for (const [path, chunks] of changed) store.replace(path, chunks)
  })
  return { embedded, chunks: [...changed.values()].reduce((sum, chunks) => sum + chunks.length, 0) }
}

/** The vector of one text, embedded only when it is not known: the same question over the same state has the same answer. */
export async function embedText(store: VectorStore, embedder: Embedder, text: string): Promise<Int8Array> {
  const key = textHash(text)
  await embedAll(store.has(key) ? new Map() : new Map([[key, text]]), embedder, store)
  const vector = store.vector(key)
  if (!vector) throw new CompileError('InvalidInput', 'The embedder brought no vector for the question; check it.')
  return vector
}

async function embedAll(missing: Map<Hash, string>, embedder: Embedder, store: VectorStore): Promise<number> {
  const entries = [...missing]
  missing.clear()
  for (let start = 0; start < entries.length; start += BATCH) {
    const batch = entries.slice(start, start + BATCH)
    const vectors = await embedder.embed(batch.map(([, text]) => text))
    if (vectors.length !== batch.length) {
      const message = `An embedder must bring one vector for each text; ${batch.length} texts brought ${vectors.length}.`
      throw new CompileError('InvalidInput', message)
    }
    for (const [index, [key]] of batch.entries()) store.keep(key, quantise(vectors[index] ?? []))
  }
  return entries.length
}

function chunksOf({ path, hash, text }: IndexedFile): { readonly chunk: VectorChunk; readonly text: string }[] {
  if (text === undefined || text.includes('\0')) return []
  const lines = linesOf(text)
  const chunks = chunkLines(lines, definitionsIn(lines)).filter((chunk) => chunk.text.trim() !== '')
  return chunks.map((chunk) => {
    // The path is part of what a passage means, and of what it is known by.
    const embeddedText = `${path}\n${chunk.text}`
    const { start, end } = chunk
    return {
      text: embeddedText,
      chunk: { path, start, end, sourceHash: hash, codeUnits: chunk.text.length, textHash: textHash(embeddedText) },
    }
  })
}
