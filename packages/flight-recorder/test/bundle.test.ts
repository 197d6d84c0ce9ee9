import { createHash, generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'

import { draftOf, eventSamples } from '@ctxlock/contracts/testing'
import { FlightEvent, eventWithoutNames, rewriteOpenStrings } from '@ctxlock/contracts/events'
import { canonicalize } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { signCheckpoint } from '../src/checkpoint/checkpoint.ts'
import { formatVerifierKey, verifierOf } from '../src/checkpoint/signed-note.ts'
import { carryOutErasures } from '../src/index.ts'
import { sealLine } from '../src/bundle/seal.ts'
import { checkBundle, writeBundle, type BundleProblem } from '../src/export.ts'
import { OBJECT, PART, RUN, bundleOf, openBundledRun, receipt, sourceOf } from './bundled-run.ts'
import { SIGNING_KEY, keptIn, openLogFolder, recordRun, type LogFolder } from './log-folder.ts'

const SEED = 20261122
const OTHER_ID = '00000000-0000-4000-8000-00000000beef'
let folder: LogFolder
let whole: string
beforeAll(async () => {
  folder = await openBundledRun()
  whole = bundleOf(folder, 'none')
})
afterAll(() => folder[Symbol.dispose]())

const check = (text: string, kept: readonly string[] = []) => checkBundle(Buffer.from(text), folder.publicKey, kept)
const problemsOf = (text: string) => new Set(check(text).problems.map(({ problem }) => problem))
const linesOf = (text: string) => text.split('\n').slice(0, -1)

/** What whoever has the signing key can do: the lines changed, and sealed again. */
function resealed(
  change: (lines: string[]) => readonly string[],
  origin = folder.publicKey.split('+')[0] ?? '',
): string {
  const body = change(linesOf(whole).slice(0, -1))
    .map((line) => `${line}\n`)
    .join('')
  const count = body.split('\n').length - 1
  const seal = sealLine(count, createHash('sha256').update(body).digest('hex'), origin, SIGNING_KEY)
  return `${body}${canonicalize(seal)}\n`
}

/** The record of one line, changed. */
function editing(kind: string, edit: (record: Record<string, unknown>) => void): string {
  return resealed((lines) => {
    const at = lines.findIndex((line) => line.includes(`"kind":"${kind}"`))
    const record = JSON.parse(lines[at] ?? '')
    edit(record)
    return lines.with(at, canonicalize(record))
  })
}

describe('a bundle', () => {
  test('holds a run in all its parts, and says what it shows', () => {
    const checked = check(whole)
    expect(checked.problems).toEqual([])
    expect(checked).toMatchObject({
      ok: true,
      head: { run_id: RUN, recorded_as: [RUN, PART], redaction: 'none', left_out: { objects: 0, receipts: 0 } },
      events: { whole: 14, withoutNames: 0, hashOnly: 0, erased: 0 },
      runs: [
        { workflow_run_id: RUN, state: 'complete' },
        { workflow_run_id: PART, state: 'complete' },
      ],
      objects: { whole: 1 },
      receipts: 1,
    })
    expect(whole).toContain(OBJECT.toString('base64'))
  })

  test('is the same bytes every time, and stays as it is in the vector', async () => {
    expect(bundleOf(folder, 'none')).toBe(whole)
    const vector = {
      about: 'The bundles of one run with each redaction, and the public key of its log.',
      public_key: folder.publicKey,
      none: whole,
      names: bundleOf(folder, 'names'),
      all: bundleOf(folder, 'all'),
    }
    const file = join(import.meta.dirname, '../../../vectors/transparency-log/bundles.json')
    await expect(`${JSON.stringify(vector, null, 1)}\n`).toMatchFileSnapshot(file)
  })

  test('is confirmed or contradicted by what was kept elsewhere', () => {
    const kept = keptIn(folder.anchorFile)
    const note = kept.state === 'kept' ? kept.note : ''
    const [origin = '', size = ''] = note.split('\n')
    const forged = signCheckpoint({ origin, size: Number(size), root: '0'.repeat(64) }, SIGNING_KEY)
    const early = signCheckpoint({ origin, size: 2, root: '0'.repeat(64) }, SIGNING_KEY)
    expect(check(whole, [note])).toMatchObject({ ok: true, kept: [{ state: 'confirms' }] })
    expect(check(whole, [forged])).toMatchObject({ ok: false, kept: [{ state: 'contradicts' }] })
    expect(check(whole, [early, 'no note'])).toMatchObject({ kept: [{ state: 'not_covered' }, { state: 'damaged' }] })
  })

  test('of a run that is not signed or not there is refused', () => {
    using empty = openLogFolder()
    recordRun(empty, RUN)
    expect(() => [...writeBundle(sourceOf(empty, 'all'))]).toThrow(
      expect.objectContaining({ code: 'HSK-404-NOT-SIGNED' }),
    )
  })

  test('of a changed log is not written', async () => {
    using changed = await openBundledRun()
    changed.database.exec(
      `DROP TRIGGER flight_event_keeps; UPDATE flight_event SET event = replace(event, 'system', 'agent')`,
    )
    expect(() => bundleOf(changed, 'none')).toThrow(expect.objectContaining({ code: 'HSK-409-LOG-DIVERGED' }))
  })
})

describe('redaction', () => {
  test('of all leaves hash and place of each event, and they are proved', () => {
    const text = bundleOf(folder, 'all')
    expect(check(text)).toMatchObject({ ok: true, events: { hashOnly: 14, whole: 0 }, runs: [], objects: { whole: 0 } })
    expect(text).not.toMatch(/salt|timestamp|llm_inference/)
    expect(JSON.parse(linesOf(text)[0] ?? '').left_out.receipts).toBe(1)
  })

  test('of names leaves type, time and counts, and the run is still counted', () => {
    const text = bundleOf(folder, 'names')
    expect(check(text)).toMatchObject({ ok: true, events: { withoutNames: 14 }, runs: [{ state: 'complete' }, {}] })
    expect(text).not.toMatch(/salt"|"prev_hash|src\/private/)
    expect(text).toContain('"type":"llm_inference"')
  })

  test('of names takes every open string of every event', () => {
    for (const { event } of eventSamples()) {
      const planted = FlightEvent.parse(event)
      rewriteOpenStrings(planted, () => 'MARKER-4711')
      const shown = canonicalize(eventWithoutNames(planted, () => 'hidden'))
      expect(shown).not.toContain('MARKER')
      expect(shown).not.toMatch(/"[0-9a-f]{64}"/)
      expect(shown).toContain(`"type":"${planted.type}"`)
    }
  })
})

describe('a changed bundle is refused', () => {
  test('whatever one byte, line or end of it is changed', () => {
    const bytes = Buffer.from(whole)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes)
        changed[at] = ((changed[at] ?? 0) + by) % 256
        expect(checkBundle(changed, folder.publicKey).ok).toBe(false)
      }),
      { seed: SEED, numRuns: 150 },
    )
    const lines = linesOf(whole)
    for (const at of lines.keys()) {
      const without = lines.toSpliced(at, 1)
      const doubled = lines.toSpliced(at, 0, lines[at] ?? '')
      const swapped = lines.toSpliced(at, 2, lines[at + 1] ?? '', lines[at] ?? '')
      for (const changed of [without, doubled, swapped]) expect(check(`${changed.join('\n')}\n`).ok).toBe(false)
      expect(check(lines.slice(0, at).join('\n')).ok).toBe(false)
    }
  })

  test.each<[string, () => string, BundleProblem['problem'][]]>([
    ['an empty file', () => '', ['line_out_of_place', 'seal_missing', 'lines_missing_or_added']],
    ['no line feed at the end', () => whole.slice(0, -1), ['line_unreadable', 'seal_missing']],
    ['another spelling of a line', () => whole.replace('{"', '{ "'), ['line_unreadable']],
    ['a field nobody knows', () => whole.replace('"kind":"seal"', '"kind":"seal","x":1'), ['line_unreadable']],
    ['text behind the seal', () => `${whole}{}\n`, ['line_unreadable']],
    [
      'a head that promises otherwise',
      () =>
        editing('bundle', (head) =>
          Object.assign(head, { lines: { checkpoint: 2, event: 13, object: 3, receipt: 1 } }),
        ),
      ['lines_missing_or_added'],
    ],
    [
      'an object of other bytes',
      () =>
        editing('object', (line) => {
          delete line['left_out']
          line['bytes'] = 'AAAA'
        }),
      ['object_changed'],
    ],
    [
      'an event at another place',
      () => editing('event', (line) => Object.assign(line, { seq: 9 })),
      ['event_not_in_log', 'event_invalid', 'event_out_of_order'],
    ],
    [
      'an event of another text',
      () =>
        editing('event', (line) => Object.assign(line, { event: String(line['event']).replace('system', 'agent') })),
      ['event_changed'],
    ],
    [
      'an event without its text',
      () =>
        editing('event', (line) => {
          delete line['event']
          line['left_out'] = 'all'
        }),
      ['redaction_mismatch'],
    ],
    [
      'a checkpoint of another root',
      () => editing('checkpoint', (line) => Object.assign(line, { consistency: [] })),
      ['checkpoint_inconsistent'],
    ],
    [
      'a receipt for other bytes',
      () =>
        editing('receipt', (line) =>
          Object.assign(line, {
            receipt: { ...receipt.receipt, payload_sha256: 'cd'.repeat(32) },
            plan: { ...receipt.plan, payload_sha256: 'cd'.repeat(32) },
          }),
        ),
      ['receipt_of_another_call'],
    ],
    [
      'a receipt of another plan',
      () => editing('receipt', (line) => Object.assign(line, { plan: { ...receipt.plan, projection_plan_id: 'x' } })),
      ['receipt_changed'],
    ],
    [
      'a run of another name',
      () => editing('bundle', (head) => Object.assign(head, { recorded_as: [RUN, OTHER_ID] })),
      ['event_of_another_run'],
    ],
  ])('%s', (_, changed, expected) => {
    const problems = problemsOf(changed())
    for (const problem of expected) expect(problems).toContain(problem)
  })

  test('an event left out by who holds the key, with the head made to fit', () => {
    const cut = resealed((lines) => {
      const at = lines.findIndex((line) => line.includes('"kind":"event"')) + 2
      const head = JSON.parse(lines[0] ?? '')
      head.lines.event -= 1
      return lines.toSpliced(at, 1).with(0, canonicalize(head))
    })
    expect(problemsOf(cut)).toContain('events_missing_or_added')
  })

  test('lines taken from the bundle of another log', async () => {
    using other = openLogFolder()
    recordRun(other, RUN)
    await other.anchor()
    const theirs = linesOf(
      [...writeBundle({ ...sourceOf(other, 'none'), run: { runId: RUN, continuedAs: [] } })].join(''),
    )
    const event = theirs.find((line) => line.includes('"kind":"event"')) ?? ''
    const taken = resealed((lines) =>
      lines.with(
        lines.findIndex((line) => line.includes('"kind":"event"')),
        event,
      ),
    )
    expect(problemsOf(taken)).toContain('event_not_in_log')
  })

  test('a foreign key, no key, and a file that is too large', () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const foreign = formatVerifierKey(verifierOf(folder.publicKey.split('+')[0] ?? '', publicKey))
    const told = (key: string) => new Set(checkBundle(Buffer.from(whole), key).problems.map(({ problem }) => problem))
    expect(told(foreign)).toEqual(new Set(['other_key']))
    expect(told('no key')).toEqual(new Set(['key_invalid']))
    const huge = new Uint8Array(new ArrayBuffer(536_870_913))
    expect(checkBundle(huge, folder.publicKey).problems).toEqual([{ line: 1, problem: 'too_large' }])
  })
})

describe('erased events', () => {
  const erase = (log: LogFolder) =>
    log.recorder.record({
      ...draftOf('erasure_ordered'),
      payload: {
        cause: 'person',
        reason: 'asked for',
        events: [{ from: 8, to: 9 }],
        runs: [{ workflow_run_id: RUN, events: 2 }],
        calls: [],
        run_ids: [],
        objects: [],
        vault_objects: [],
      },
    })

  test.each(['none', 'names', 'all'] as const)('are hashes at their places, with the order (%s)', async (redaction) => {
    using log = await openBundledRun()
    erase(log)
    await log.anchor()
    carryOutErasures({ database: log.database })
    const checked = check(bundleOf(log, redaction))
    expect(checked.problems).toEqual([])
    expect(checked).toMatchObject({ ok: true, events: { erased: 2 } })
    if (redaction !== 'all') expect(checked.runs.map(({ state }) => state)).toEqual(['complete', 'complete'])
  })

  test('are told from texts that were taken away', async () => {
    using log = await openBundledRun()
    log.database.exec(`UPDATE flight_event SET event = NULL WHERE seq IN (8, 9)`)
    expect(() => bundleOf(log, 'none')).not.toThrow()
    expect(problemsOf(bundleOf(log, 'none'))).toContain('event_taken_away')
  })
})
