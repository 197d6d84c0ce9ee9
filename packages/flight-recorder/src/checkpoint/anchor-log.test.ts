import { createPublicKey } from 'node:crypto'

import type { AnchorRequest, AnchorSink } from '@ctxlock/contracts/plugin'
import { textHash } from '@ctxlock/core-hash'
import { expect, test } from 'vitest'

import { SIGNING_KEY, openLogFolder, recordRun, type LogFolder } from '../../test/log-folder.ts'
import { eventLeafHash } from '../tree/merkle-hash.ts'
import { isConsistent } from '../tree/proofs.ts'
import { anchorLog } from './anchor-log.ts'
import { checkpointLog, newestCheckpoint } from './checkpoint-log.ts'
import { openCheckpoint, signCheckpoint } from './checkpoint.ts'
import { logPublicKey } from './public-key.ts'

/** An anchor that says it keeps `note`, and remembers what it is handed. */
function watchedAnchor(note?: string): AnchorSink & { readonly handed: AnchorRequest[] } {
  const handed: AnchorRequest[] = []
  return {
    handed,
    latest: async () => handed.at(-1)?.note ?? note,
    anchor: async (request) => void handed.push(request),
    close: async () => undefined,
  }
}

const anchorTo = ({ database }: LogFolder, anchor: AnchorSink) =>
  anchorLog({ database, signingKey: SIGNING_KEY, anchors: new Map([['watched', anchor]]) })

const hashesIn = (bytes: Uint8Array, width = 64) =>
  Buffer.from(bytes)
    .toString('hex')
    .match(RegExp(`.{${width}}`, 'g'))

test('an anchor is handed the tree as tiles, the entries, and the proof that it continues what it keeps', async () => {
  using folder = openLogFolder()
  recordRun(folder, 'one')
  const earlier = checkpointLog({ database: folder.database, signingKey: SIGNING_KEY })
  recordRun(folder, 'two', 64)
  const anchor = watchedAnchor(earlier.note)
  const newest = await anchorTo(folder, anchor)
  const [request] = anchor.handed
  if (!request) throw new Error('Expected the anchor to be handed the checkpoint.')
  expect(request).toMatchObject({ note: newest.note, size: 264, root: newest.root })
  expect(openCheckpoint(request.note, undefined)).toMatchObject({ checkpoint: { size: 264, root: newest.root } })
  expect(isConsistent(earlier, newest, request.consistencyProof(earlier.size))).toBe(true)

  const hashes = folder.database.prepare('SELECT event_hash FROM flight_event ORDER BY seq').all()
  const events = hashes.map(({ event_hash }) => String(event_hash))
  const tiles = new Map([...request.tiles(0)].map(({ path, bytes }) => [path, bytes]))
  const [whole, rest] = [events.slice(0, 256), events.slice(256)]
  const entries = (some: readonly string[]) => some.map((hash) => `0020${hash}`)
  expect(hashesIn(tiles.get('tile/entries/000') ?? Buffer.alloc(0), 68)).toEqual(entries(whole))
  expect(hashesIn(tiles.get('tile/entries/001.p/8') ?? Buffer.alloc(0), 68)).toEqual(entries(rest))
  expect(hashesIn(tiles.get('tile/0/000') ?? Buffer.alloc(0))).toEqual(whole.map(eventLeafHash))
  expect(hashesIn(tiles.get('tile/0/001.p/8') ?? Buffer.alloc(0))).toEqual(rest.map(eventLeafHash))
  expect([...tiles.keys()]).toHaveLength(5)
  expect([...request.tiles(258)].map(({ path }) => path)).toEqual(['tile/entries/001.p/8', 'tile/0/001.p/8'])
})

test('what an anchor keeps already is not handed to it again', async () => {
  using folder = openLogFolder()
  recordRun(folder, 'one')
  const { note } = checkpointLog({ database: folder.database, signingKey: SIGNING_KEY })
  const anchor = watchedAnchor(note)
  await anchorTo(folder, anchor)
  expect(anchor.handed).toEqual([])
})

test('an anchor that keeps another log, another root, a later end or no checkpoint at all is never overwritten', async () => {
  using folder = openLogFolder()
  recordRun(folder, 'one')
  const own = checkpointLog({ database: folder.database, signingKey: SIGNING_KEY })
  const signed = (changes: object) => signCheckpoint({ ...own, ...changes }, SIGNING_KEY)
  const foreign = [
    signed({ origin: 'ctxlock.local/other' }),
    signed({ root: '0'.repeat(64) }),
    signed({ size: own.size + 1 }),
    own.note.slice(0, -3),
    '',
  ]
  for (const note of foreign) {
    const anchor = watchedAnchor(note)
    await expect(anchorTo(folder, anchor), note).rejects.toThrow(
      expect.objectContaining({ code: 'HSK-409-LOG-DIVERGED' }),
    )
    expect(anchor.handed).toEqual([])
  }
})

test('a log that was cut back to an earlier checkpoint of its own is not anchored over the later one', async () => {
  using folder = openLogFolder()
  const { database } = folder
  recordRun(folder, 'one')
  const first = checkpointLog({ database, signingKey: SIGNING_KEY })
  const head = database.prepare('SELECT count, last_hash FROM flight_head').get() ?? {}
  recordRun(folder, 'two')
  const anchor = watchedAnchor()
  await anchorTo(folder, anchor)
  database.exec(`DROP TRIGGER flight_event_stays; DELETE FROM flight_event WHERE seq > ${first.size}`)
  database.exec(`DELETE FROM flight_checkpoint WHERE size > ${first.size}`)
  const { count = 0, last_hash = '' } = head
  database.prepare('UPDATE flight_head SET count = ?, last_hash = ?').run(count, last_hash)
  await expect(anchorTo(folder, anchor)).rejects.toThrow(expect.objectContaining({ code: 'HSK-409-LOG-DIVERGED' }))
  expect(anchor.handed).toHaveLength(1)
})

test('what another process signs meanwhile is what is kept in the end, whoever was first', async () => {
  using folder = openLogFolder()
  const { database } = folder
  recordRun(folder, 'one')
  const anchor = watchedAnchor()
  let others = 0
  const other = () => {
    others += 1
    if (others > 2) return undefined
    recordRun(folder, `other-${others}`)
    return checkpointLog({ database, signingKey: SIGNING_KEY })
  }
  const raced: AnchorSink = {
    ...anchor,
    // Once the other anchored before we look, once it signs while we anchor.
    latest: async () => (others === 0 ? other()?.note : anchor.latest()),
    async anchor(request) {
      await anchor.anchor(request)
      other()
    },
  }
  const newest = await anchorTo(folder, raced)
  expect(newest).toEqual(newestCheckpoint(database))
  expect(anchor.handed.at(-1)?.note).toBe(newest.note)
  expect(newest.size).toBe(18)
})

test.each([
  [
    'a row that the head does not count',
    'INSERT INTO flight_event SELECT seq + 1, event_hash, event FROM flight_event WHERE seq = 6',
  ],
  ['a row less than the head counts', 'DELETE FROM flight_event WHERE seq = 6'],
  ['another last hash in the head', `UPDATE flight_head SET last_hash = '${'0'.repeat(64)}'`],
  ['another text', `UPDATE flight_event SET event = replace(event, '"seq"', '"SEQ"') WHERE seq = 6`],
  ['a text that is gone', 'UPDATE flight_event SET event = NULL WHERE seq = 6'],
  ['another leaf in the tiles', 'UPDATE flight_tile SET hashes = zeroblob(length(hashes)) WHERE level = 0'],
  ['a checkpoint that is none', `UPDATE flight_checkpoint SET note = 'none'`],
])('nothing is signed over %s', (_, change) => {
  using folder = openLogFolder()
  const { database } = folder
  recordRun(folder, 'one', 0)
  const sign = () => checkpointLog({ database, signingKey: SIGNING_KEY })
  sign()
  recordRun(folder, 'two')
  folder.database.exec('DROP TRIGGER flight_event_stays; DROP TRIGGER flight_event_keeps')
  const last = 'SELECT max(seq) FROM flight_event'
  database.exec(change.replaceAll('seq = 6', `seq = (${last})`))
  expect(sign).toThrow(expect.objectContaining({ code: 'HSK-409-LOG-DIVERGED' }))
})

test.each([0, 1, 2])('nothing is signed over another text with its own hash, %d before the last', (before) => {
  using folder = openLogFolder()
  const { database } = folder
  recordRun(folder, 'one')
  database.exec('DROP TRIGGER flight_event_keeps')
  const seq = Number(database.prepare('SELECT max(seq) AS seq FROM flight_event').get()?.['seq']) - before
  const text = String(database.prepare('SELECT event FROM flight_event WHERE seq = ?').get(seq)?.['event'])
  const other = text.replace(/"trace_id":"./, '"trace_id":"f')
  expect(other).not.toBe(text)
  database.prepare('UPDATE flight_event SET event = ?, event_hash = ? WHERE seq = ?').run(other, textHash(other), seq)
  expect(() => checkpointLog({ database, signingKey: SIGNING_KEY })).toThrow(
    expect.objectContaining({ code: 'HSK-409-LOG-DIVERGED' }),
  )
})

test('a log that was signed while it was empty is signed again when it is not', () => {
  using folder = openLogFolder()
  const sign = () => checkpointLog({ database: folder.database, signingKey: SIGNING_KEY })
  expect(sign().size).toBe(0)
  recordRun(folder, 'one')
  expect(sign().size).toBeGreaterThan(0)
})

test('the public key is that of the key that signs, whichever half is given', () => {
  using folder = openLogFolder()
  const { database, publicKey } = folder
  expect(logPublicKey({ database, key: createPublicKey(SIGNING_KEY) })).toBe(publicKey)
  expect(logPublicKey({ database, key: SIGNING_KEY })).toBe(publicKey)
})

test('a database that fails while tiles are read is an error, not a log that diverged', async () => {
  using folder = openLogFolder()
  recordRun(folder, 'one')
  const { note } = checkpointLog({ database: folder.database, signingKey: SIGNING_KEY })
  const anchor = watchedAnchor(note)
  folder.database.exec('DROP TABLE flight_tile')
  await expect(anchorTo(folder, anchor)).rejects.toThrow(expect.objectContaining({ code: 'HSK-500-DB' }))
})
