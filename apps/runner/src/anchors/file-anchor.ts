import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import type { AnchorSink } from '@ctxlock/contracts/plugin'
import { definePlugin } from '@ctxlock/plugin-api'
import { z } from 'zod'

import { writeFileAtomically } from '../environment/files.ts'
import { CHECKPOINT_FILE } from '../workspace/state.ts'

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
  const latest = () => (existsSync(checkpoint) ? readFileSync(checkpoint, 'utf8') : undefined)
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
