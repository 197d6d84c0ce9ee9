import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import type { AnchorSink } from '@ctxlock/contracts/plugin'
import { definePlugin } from '@ctxlock/plugin-api'
import { z } from 'zod'

import { CommandError } from '../command-error.ts'
import { writeFileAtomically } from '../environment/files.ts'
import { NotReadable, readRegularFile } from '../environment/regular-file.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { CHECKPOINT_FILE } from '../workspace/state.ts'

/** A checkpoint has a few lines, and one for each key that signed it. */
const MAX_NOTE_BYTES = 65_536

/** The anchor every workspace has: checkpoint and tiles as files beside the database, as C2SP's tlog-tiles has a log serve them. */
export function fileAnchorPlugin(stateFolder: string) {
  return definePlugin({
    apiVersion: 'ctxlock.plugin@1',
    kind: 'sink',
    name: 'file',
    options: z.strictObject({}),
    create: () => createFileAnchor(stateFolder),
  })
}

export function createFileAnchor(stateFolder: string): AnchorSink {
  const checkpoint = join(stateFolder, CHECKPOINT_FILE)
  const latest = () => (existsSync(checkpoint) ? readNote(checkpoint) : undefined)
  return {
    latest: async () => latest(),
    async anchor({ note, tiles }) {
      // They follow from the database and can be written again, so nothing waits for the disk but the checkpoint, which is last.
      for (const { path, bytes } of tiles(sizeOf(latest()))) writeTile(join(dirname(checkpoint), path), bytes)
      writeFileAtomically(checkpoint, note, 0o600)
    },
    close: async () => undefined,
  }
}

function readNote(checkpoint: string): string {
  try {
    return readRegularFile(checkpoint, MAX_NOTE_BYTES).toString('utf8')
  } catch (cause) {
    if (!(cause instanceof NotReadable)) throw cause
    throw new CommandError(
      {
        exit: EXIT_CODE.verificationFailed,
        code: 'CHECKPOINT_UNREADABLE',
        message: `${checkpoint} holds no checkpoint: ${cause.message}`,
        hint: 'Move it away and run `ctxlock verify`; the next command that records writes it anew.',
      },
      { cause },
    )
  }
}

/** Second line of a checkpoint. A damaged one never gets here: whoever anchors has compared it with the log. */
function sizeOf(note: string | undefined): number {
  return note === undefined ? 0 : Number(note.split('\n')[1])
}

function writeTile(file: string, bytes: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, bytes, { mode: 0o600 })
  removeNarrower(file)
}

/** Narrower forms of a tile are of no use without an older checkpoint; where one cannot be removed it stays, and harms nobody. */
function removeNarrower(file: string): void {
  const [whole = file, width] = file.split('.p/')
  try {
    for (const other of readdirSync(`${whole}.p`)) if (other !== width) rmSync(join(`${whole}.p`, other))
    if (width === undefined) rmdirSync(`${whole}.p`)
  } catch {
    // There is none.
  }
}
