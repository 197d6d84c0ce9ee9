import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { draftOf } from '@ctxlock/contracts/testing'
import { textHash } from '@ctxlock/core-hash'
import { expect, test } from 'vitest'

import { openLogFolder, recordRun } from '../../test/log-folder.ts'
import type { LogFolder } from '../../test/log-folder.ts'
import {
  SEALED_TEXT,
  carryOutErasures,
  dropSealed,
  proveEvent,
  queryEvents,
  sealableSegments,
  sealedTextReader,
  verifyLog,
  writeSegment,
} from '../index.ts'
import type { SegmentFiles, VerifyReport } from '../index.ts'

const LATE = '2030-01-01T00:00:00.000Z'

interface SealedLog extends Disposable {
  readonly log: LogFolder
  readonly files: SegmentFiles
  readonly path: string
  verify(): VerifyReport
}

/** A log of more than two tiles, of which the first two are sealed. */
async function sealedLog(
  stopsAt?: 'written' | 'recorded' | 'signed',
  first?: (log: LogFolder) => void,
): Promise<SealedLog> {
  const log = openLogFolder()
  first?.(log)
  for (let run = 0; run < 90; run += 1) recordRun(log, `run-${run}`)
  queryEvents(log.database, {}, { limit: 1 })
  await log.anchor()
  const path = mkdtempSync(join(tmpdir(), 'ctxlock-segment-'))
  const files: SegmentFiles = {
    list: () => readdirSync(path),
    read: (name) => (existsSync(join(path, name)) ? readFileSync(join(path, name), 'utf8') : undefined),
    write: (name, text) => writeFileSync(join(path, name), text),
    remove: (name) => rmSync(join(path, name)),
  }
  const read = sealedTextReader({ ...files, list: () => [...files.list()] })
  log.database.function(SEALED_TEXT, (seq) => read(Number(seq)))
  const steps = async () => {
    const segments = sealableSegments(log.database, LATE)
    for (const range of segments) writeSegment(log.database, files, range)
    if (stopsAt === 'written') return
    const draft = draftOf('log_sealed')
    if (segments.length > 0) log.recorder.record({ ...draft, payload: { segments } })
    if (stopsAt === 'recorded') return
    await log.anchor()
    if (stopsAt !== 'signed') dropSealed(log.database, files)
  }
  await steps()
  const { database, publicKey } = log
  return {
    log,
    files,
    path,
    // Segments are read anew: a host opens a connection for a command.
    verify() {
      const again = sealedTextReader(files)
      database.function(SEALED_TEXT, (seq) => again(Number(seq)))
      return verifyLog({
        database,
        publicKey,
        kept: [{ anchor: 'file', state: 'kept', note: readFileSync(log.anchorFile, 'utf8') }],
        segments: files,
      })
    },
    [Symbol.dispose]() {
      log[Symbol.dispose]()
      rmSync(path, { recursive: true })
    },
  }
}

const NAME = '000000000001-000000000512.ndjson'
const inDatabase = ({ log }: SealedLog) =>
  Number(log.database.prepare('SELECT count(event) AS n FROM flight_event WHERE seq <= 512').get()?.['n'])

test('a sealed range is found, proved and verified as before; each line is what its event is the hash of', async () => {
  using sealed = await sealedLog()
  expect([readdirSync(sealed.path), inDatabase(sealed)]).toEqual([[NAME], 0])
  const lines = readFileSync(join(sealed.path, NAME), 'utf8').trimEnd().split('\n')
  const hashes = sealed.log.database.prepare('SELECT event_hash FROM flight_event WHERE seq <= 512 ORDER BY seq').all()
  expect(lines.map(textHash)).toEqual(hashes.map(({ event_hash }) => event_hash))
  expect(lines.map((line) => JSON.parse(line).seq)).toEqual(Array.from({ length: 512 }, (_, at) => at + 1))

  expect(sealed.verify()).toMatchObject({ verdict: 'intact', breaks: [], events: 541 })
  expect(queryEvents(sealed.log.database, { workflowRunId: 'run-3' }, { limit: 10 }).events).toHaveLength(6)
  expect(proveEvent({ ...sealed.log, seq: 300 })).toContain('c2sp.org/tlog-proof@v1')
  expect(sealableSegments(sealed.log.database, LATE)).toEqual([])
})

test('a violation that was sealed is still stored once', async () => {
  const draft = draftOf('security_violation')
  using sealed = await sealedLog(undefined, ({ recorder }) => recorder.record(draft))
  expect(inDatabase(sealed)).toBe(0)
  expect(sealed.log.recorder.record(draft)).toMatchObject({ seq: 1, duplicate: true })
  expect(sealed.verify()).toMatchObject({ verdict: 'intact', duplicate_violations: [] })
})

test('an emptied lookup cache is filled from segments too', async () => {
  using sealed = await sealedLog()
  const { database } = sealed.log
  database.exec('DELETE FROM flight_key')
  expect(queryEvents(database, { workflowRunId: 'run-3' }, { limit: 10 }).events).toHaveLength(6)
  expect(queryEvents(database, {}, { limit: 1000 }).events).toHaveLength(541)
  expect(sealed.verify()).toMatchObject({ verdict: 'intact', breaks: [] })
  expect(sealableSegments(database, LATE)).toEqual([])
})

test('a tile that was erased does not keep what follows it from being sealed', async () => {
  using sealed = await sealedLog()
  const { log } = sealed
  for (let run = 90; run < 220; run += 1) recordRun(log, `run-${run}`)
  const draft = draftOf('erasure_ordered')
  log.recorder.record({ ...draft, payload: { ...draft.payload, events: [{ from: 769, to: 1024 }], runs: [] } })
  await log.anchor()
  expect(carryOutErasures({ database: log.database, segments: sealed.files }).events).toBe(256)
  expect(sealableSegments(log.database, LATE)).toEqual([{ from: 513, to: 1280 }])
})

test('a log that was sealed more than a thousand times is not sealed again from there', async () => {
  using log = openLogFolder()
  const sealing = (from: number, to: number) => ({ ...draftOf('log_sealed'), payload: { segments: [{ from, to }] } })
  log.recorder.recordAll(Array.from({ length: 1000 }, () => sealing(1, 256)))
  log.recorder.recordAll([sealing(257, 768), ...Array.from({ length: 300 }, () => draftOf('diagnostic'))])
  await log.anchor()
  expect(sealableSegments(log.database, LATE)).toEqual([{ from: 769, to: 1280 }])
})

test.each(['written', 'recorded', 'signed'] as const)('killed when it was %s, it goes on', async (stopsAt) => {
  using sealed = await sealedLog(stopsAt)
  expect(inDatabase(sealed)).toBe(512)
  expect(sealed.verify().breaks).toEqual([])
  const [range] = sealableSegments(sealed.log.database, LATE)
  expect(range).toEqual(stopsAt === 'written' ? { from: 1, to: 512 } : undefined)
  await sealed.log.anchor()
  expect(dropSealed(sealed.log.database, sealed.files)).toBe(stopsAt === 'written' ? 0 : 512)
  expect(sealed.verify()).toMatchObject({ verdict: 'intact', breaks: [] })
})

test.each<[string, (path: string, lines: string[]) => void, object]>([
  ['is gone', (path) => rmSync(path), { reason: 'missing_segment', from: 1, to: 512 }],
  [
    'lost a line',
    (path, lines) => writeFileSync(path, lines.toSpliced(6, 1).join('\n')),
    { reason: 'missing_segment', from: 7, to: 7 },
  ],
  [
    'has a changed line',
    (path, lines) => writeFileSync(path, lines.with(6, lines[6]?.replace('2026', '2027') ?? '').join('\n')),
    { reason: 'edited_event', from: 7, to: 7 },
  ],
  [
    'has a line of another range',
    (path, lines) => writeFileSync(path, lines.toSpliced(3, 0, '{"seq":9999}').join('\n')),
    { reason: 'edited_segment', from: 1, to: 512 },
  ],
  [
    'has a line twice',
    (path, lines) => writeFileSync(path, [lines[0], ...lines].join('\n')),
    { reason: 'edited_segment', from: 1, to: 512 },
  ],
  [
    'was renamed',
    (path) => {
      writeFileSync(path.replace(NAME, 'old.ndjson'), readFileSync(path))
      rmSync(path)
    },
    { reason: 'missing_segment', from: 1, to: 512 },
  ],
])('a segment that %s is named', async (_, change, expected) => {
  using sealed = await sealedLog()
  const path = join(sealed.path, NAME)
  change(path, readFileSync(path, 'utf8').split('\n'))
  const report = sealed.verify()
  expect(report.verdict).toBe('broken')
  expect(report.breaks).toContainEqual(expected)
})

test('a text is erased from its segment too, and nothing is dropped that the file does not hold', async () => {
  using sealed = await sealedLog()
  const draft = draftOf('erasure_ordered')
  const payload = { ...draft.payload, events: [{ from: 8, to: 11 }], runs: [{ workflow_run_id: 'run-1', events: 4 }] }
  sealed.log.recorder.record({ ...draft, payload })
  await sealed.log.anchor()
  const erase = () => carryOutErasures({ database: sealed.log.database, segments: sealed.files }).events
  expect([erase(), erase()]).toEqual([4, 0])
  expect(readFileSync(join(sealed.path, NAME), 'utf8').trimEnd().split('\n')).toHaveLength(508)
  expect(sealed.verify()).toMatchObject({ verdict: 'intact', erasures: { events: 4, waiting: 0 } })

  using other = await sealedLog('signed')
  writeFileSync(join(other.path, NAME), '')
  expect(() => dropSealed(other.log.database, other.files)).toThrow(
    expect.objectContaining({ code: 'HSK-409-LOG-DIVERGED' }),
  )
  expect(inDatabase(other)).toBe(512)
})
