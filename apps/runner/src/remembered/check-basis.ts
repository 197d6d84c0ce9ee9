import { createHash } from 'node:crypto'
import { join } from 'node:path'

import type { SourceRead, SourceReader } from '@ctxlock/contracts/ports'
import { bytesHash, type Hash } from '@ctxlock/core-hash'

import { readRegularFile } from '../environment/regular-file.ts'
import { createWorkspaceReader, errorCode } from '../environment/workspace-reader.ts'
import type { SourceSurvey } from '../lock/source-survey.ts'
import { CONFIG_FILE, LOCKFILE } from '../workspace/committed-files.ts'

/** A file a check looks into beside the sources: one that holds rules. Whether it is a source does not matter. */
export interface RuleRead {
  readonly path: string
  readonly maxBytes?: number
}

/** What the reader answered: the hash of the bytes, or why there were none. */
export type ReadAnswer = readonly [...read: (string | number)[]]

const MAX_BYTES = 256 * 1024 * 1024
/** Entries of a survey that are hashed at a time: all of a large one are as long as its lockfile. */
const PIECE = 1000

export interface CommittedHashes {
  readonly lockfile: string
  readonly config: string
}

/** The hashes of the lockfile and the config as they are on disk, or why they cannot be read. */
export function committedHashes(root: string): CommittedHashes {
  return { lockfile: hashOfFile(join(root, LOCKFILE)), config: hashOfFile(join(root, CONFIG_FILE)) }
}

function hashOfFile(path: string): string {
  try {
    return bytesHash(readRegularFile(path, MAX_BYTES))
  } catch (error) {
    return `unreadable ${errorCode(error)}`
  }
}

/** A reader that also notes what it was asked and what it answered. */
export function notedReader(reader: SourceReader, note: (read: RuleRead, answer: ReadAnswer) => void): SourceReader {
  return {
    read(path, options) {
      const read = reader.read(path, options)
      const asked = { path, ...options }
      note(asked, answerOf(asked, read))
      return read
    },
  }
}

/** The same answers as they are now. */
export function readAgain(root: string, reads: readonly RuleRead[]): ReadAnswer[] {
  const reader = createWorkspaceReader(root)
  return reads.map((asked) => answerOf(asked, reader.read(asked.path, asked)))
}

function answerOf({ path, maxBytes = -1 }: RuleRead, read: SourceRead): ReadAnswer {
  return [path, maxBytes, read.status === 'read' ? bytesHash(read.bytes) : read.status]
}

/** One hash over everything outside the tree of sources that decides an answer; `program` names ctxlock and Node. */
export function hashOfFiles(program: string, committed: CommittedHashes, answers: readonly ReadAnswer[]): Hash {
  return hashOf([program, committed.lockfile, committed.config, answers])
}

/** One hash over every source and everything that is none: path, content, mode, link, reason. */
export function hashOfSurvey({ files, sources, excluded }: SourceSurvey): Hash {
  const digest = createHash('sha256')
  for (const list of [files, sources, excluded]) {
    for (let start = 0; start < list.length; start += PIECE)
      digest.update(JSON.stringify(list.slice(start, start + PIECE)))
    digest.update('\n')
  }
  return digest.digest('hex')
}

/** These values are built in one place each, so equal ones have equal text. */
function hashOf(value: unknown): Hash {
  return bytesHash(Buffer.from(JSON.stringify(value)))
}
