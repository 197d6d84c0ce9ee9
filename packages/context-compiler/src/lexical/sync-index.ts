import type { Hash } from '@ctxlock/contracts/primitives'
import { isRelativePath } from '@ctxlock/contracts/relative-path'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { fileSourceId } from '@ctxlock/contracts/references'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { canonicalHash } from '@ctxlock/core-hash'

import { CompileError } from '../compile-error.ts'
import { compareUtf16 } from '../retrieval/score.ts'
import { namesOfChunks } from './chunk-names.ts'
import type { IndexedSymbol } from './definitions.ts'
import { prepareIndex } from './index-schema.ts'
import { wordBag } from './tokens.ts'
import { windowsOf } from './windows.ts'

export interface IndexedFile {
  /** Workspace-relative. */
  readonly path: string
  /** SHA-256 of the raw bytes. */
  readonly hash: Hash
  /** Decoded text, or undefined for what is none. Read only when the file changed, so a getter may decode lazily. */
  readonly text: string | undefined
  /** What a parser found. Windows follow these ranges and their names weigh more; without it, `definitionsIn` looks at the lines. */
  readonly symbols?: readonly IndexedSymbol[]
}

export interface IndexSync {
  /** Hash over the sorted `[source_id, source_hash]` pairs of all files (the basis of `sources_hash`). */
  readonly corpusHash: Hash
  readonly added: number
  readonly changed: number
  readonly removed: number
  readonly unchanged: number
}

/** Words of one window beyond this many UTF-16 code units are not indexed: no one writes such lines by hand. */
const MAX_INDEXED_UNITS = 32_768

/**
 * Makes the index say what `files` say, in one transaction: content decides, files with the same hash are left alone,
 * files that are not listed go. The result answers like an index built anew. Throws `InvalidInput` for a path that is
 * repeated or not workspace-relative.
 */
export function syncIndex(database: SqlDatabase, { files }: { readonly files: Iterable<IndexedFile> }): IndexSync {
  prepareIndex(database)
  return inTransaction(database, () => {
    const writer = indexWriter(database)
    const known = writer.knownFiles()
    const seen = new Map<string, Hash>()
    const counts = { added: 0, changed: 0, unchanged: 0 }
    for (const file of files) {
      checkPath(file.path, seen)
      seen.set(file.path, file.hash)
      const contentKey = contentKeyOf(file)
      const before = known.get(file.path)
      known.delete(file.path)
      if (before?.contentKey === contentKey) {
        counts.unchanged += 1
        continue
      }
      counts[before ? 'changed' : 'added'] += 1
      if (before) writer.remove(before.fileId)
      writer.add(file, contentKey)
    }
    for (const { fileId } of known.values()) writer.remove(fileId)
    const corpusHash = hashCorpus(seen)
    writer.setCorpusHash(corpusHash)
    return { corpusHash, ...counts, removed: known.size }
  })
}

function indexWriter(database: SqlDatabase) {
  const insertFile = database.prepare(
    'INSERT INTO lexical_file (file_id, path, file_hash, content_key) VALUES (?, ?, ?, ?)',
  )
  const insertChunk = database.prepare(
    'INSERT INTO lexical_chunk (chunk_id, file_id, start_line, end_line, code_units) VALUES (?, ?, ?, ?, ?)',
  )
  const insertText = database.prepare('INSERT INTO lexical_text (rowid, path, symbols, body) VALUES (?, ?, ?, ?)')
  const deleteText = database.prepare('DELETE FROM lexical_text WHERE rowid = ?')
  const chunksOf = database.prepare('SELECT chunk_id FROM lexical_chunk WHERE file_id = ?')
  const deleteChunks = database.prepare('DELETE FROM lexical_chunk WHERE file_id = ?')
  const deleteFile = database.prepare('DELETE FROM lexical_file WHERE file_id = ?')
  // Counted here: INSERT … RETURNING would make FTS5 write out its pending words at every row.
  let lastFile = highest('SELECT max(file_id) AS id FROM lexical_file')
  let lastChunk = highest('SELECT max(chunk_id) AS id FROM lexical_chunk')

  return {
    knownFiles(): Map<string, { readonly fileId: number; readonly contentKey: string }> {
      const files = new Map<string, { fileId: number; contentKey: string }>()
      for (const row of database.prepare('SELECT file_id, path, content_key FROM lexical_file').iterate()) {
        files.set(String(row.path), { fileId: Number(row.file_id), contentKey: String(row.content_key) })
      }
      return files
    },
    add(file: IndexedFile, contentKey: string): void {
      lastFile += 1
      insertFile.run(lastFile, file.path, file.hash, contentKey)
      const text = file.text
      if (text === undefined) return
      const path = wordBag(file.path)
      const { chunks, symbols } = windowsOf(text, file.symbols)
      const names = namesOfChunks(chunks, symbols)
      for (const [place, chunk] of chunks.entries()) {
        lastChunk += 1
        insertChunk.run(lastChunk, lastFile, chunk.start, chunk.end, chunk.text.length)
        const body = wordBag(chunk.text.slice(0, MAX_INDEXED_UNITS))
        insertText.run(lastChunk, path, wordBag(names[place] ?? ''), body)
      }
    },
    remove(fileId: number): void {
      for (const { chunk_id } of chunksOf.all(fileId)) deleteText.run(Number(chunk_id))
      deleteChunks.run(fileId)
      deleteFile.run(fileId)
    },
    setCorpusHash(corpusHash: Hash): void {
      database.prepare('UPDATE lexical_index SET corpus_hash = ?').run(corpusHash)
    },
  }

  function highest(sql: string): number {
    return Number(database.prepare(sql).get()?.id ?? 0)
  }
}

function checkPath(path: string, seen: ReadonlyMap<string, Hash>): void {
  if (isRelativePath(path) && path.isWellFormed() && !seen.has(path)) return
  const problem = seen.has(path) ? 'listed once' : 'relative to the workspace'
  throw new CompileError('InvalidInput', `An indexed file must be ${problem}; correct the file list.`, {
    source_id: fileSourceId(path),
  })
}

function contentKeyOf({ hash, symbols }: IndexedFile): string {
  return symbols ? `${hash}/${canonicalHash(symbols.map(({ start, end, name }) => [start, end, name]))}` : hash
}

function hashCorpus(files: ReadonlyMap<string, Hash>): Hash {
  const pairs = [...files].map(([path, hash]): [string, Hash] => [fileSourceId(path), hash])
  // UTF-16 order, as everywhere; SQLite would sort by UTF-8 bytes.
  return canonicalHash(pairs.toSorted(([left], [right]) => compareUtf16(left, right)))
}
