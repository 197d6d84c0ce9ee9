// What is stored of a log, as a vector for other verifiers: rows, head, tiles, checkpoint and a proof, byte for byte.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { proveEvent } from '../src/index.ts'
import { openLogFolder, recordRun } from './log-folder.ts'

test('a log is stored as the vector says', async () => {
  using folder = openLogFolder()
  const { database, publicKey } = folder
  recordRun(folder, 'one')
  await folder.anchor()
  recordRun(folder, 'two', 2)
  await folder.anchor()

  const all = (sql: string) => database.prepare(sql).all()
  const [head] = all('SELECT count, last_hash FROM flight_head')
  const record = {
    about: 'A log of two runs as its tables hold it, its public key, what an anchor keeps and a proof of event 5.',
    public_key: publicKey,
    rows: all('SELECT seq, event_hash, event FROM flight_event'),
    head,
    tile_0_0: Buffer.from(String(all('SELECT hex(hashes) AS hex FROM flight_tile')[0]?.['hex']), 'hex').toString('hex'),
    checkpoints: all('SELECT size, note FROM flight_checkpoint'),
    kept: readFileSync(folder.anchorFile, 'utf8'),
    proof: proveEvent({ database, seq: 5, publicKey }),
  }
  const file = join(import.meta.dirname, '../../../vectors/transparency-log/record.json')
  await expect(`${JSON.stringify(record, null, 1)}\n`).toMatchFileSnapshot(file)
})
