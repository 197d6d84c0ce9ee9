import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'

import { checkEvent } from '@ctxlock/contracts/events'
import type { EventDraft, FlightEvent } from '@ctxlock/contracts/events'
import { brokenSamples, draftOf, eventSamples, isRecorderField } from '@ctxlock/contracts/testing'
import { canonicalHash, canonicalize, textHash } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { countingRandom, openLogFolder, recordRun, runDrafts, runEnd, testRedactor } from '../test/log-folder.ts'
import type { LogFolder } from '../test/log-folder.ts'
import { codeOf, errorOf } from '../test/recorder-errors.ts'
import { openRecorder, queryEvents } from './index.ts'

const CANARY = 'sk-CANARY0123456789'

const count = ({ database }: LogFolder) =>
  Number(database.prepare('SELECT count(*) AS n FROM flight_event').get()?.['n'])
/** What an untyped caller would hand over. */
const untyped = (value: unknown) => value as EventDraft

function stored(folder: LogFolder): FlightEvent[] {
  return [...queryEvents(folder.database, {}, { limit: 1000 }).events]
}

// T-X-REC-01 and T-X-REC-02, over the whole catalogue.
describe('every event of the catalogue', () => {
  const samples = eventSamples()

  test('is recorded as it was given, chained and hashed', () => {
    using folder = openLogFolder()
    for (const { draft } of samples) folder.recorder.record(untyped(draft))
    const events = stored(folder)
    // The two samples of a violation have one idempotency key: the second is ignored (REC-021).
    expect(events).toHaveLength(samples.length - 1)
    let previous = '0'.repeat(64)
    for (const [index, event] of events.entries()) {
      const { event_hash, ...hashed } = event
      expect(event.seq).toBe(index + 1)
      expect(event.prev_hash).toBe(previous)
      expect(event_hash).toBe(canonicalHash(hashed))
      previous = event_hash
    }
    for (const { draft } of samples.filter(({ type }) => type !== 'security_violation')) {
      expect(events).toContainEqual(expect.objectContaining(draft))
    }
    expect(folder.verify().breaks).toEqual([])
  })

  test('is refused with anything changed, and nothing is written', () => {
    using folder = openLogFolder()
    let refused = 0
    for (const { draft, event, type } of samples) {
      for (const { name, value } of brokenSamples(draft)) {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
        // A few changes fit: an optional field left out, another number. The contract's own test holds them against ajv.
        if (checkEvent({ ...ofRecorder(event), ...value }).ok) continue
        expect(
          codeOf(() => folder.recorder.record(untyped(value))),
          `${type} ${name}`,
        ).toBe('HSK-400-INVALID-EVENT')
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(5_000)
    expect(count(folder)).toBe(0)
  })

  test('is refused under an unknown id, and with the type of another event', () => {
    using folder = openLogFolder()
    for (const { draft, type } of samples) {
      const other = type === 'diagnostic' ? 'tool_call' : 'diagnostic'
      for (const change of [{ fr_event_id: `FR-EVT-${CANARY}` }, { type: other }, { trace_id: '0'.repeat(36) }]) {
        const error = errorOf(() => folder.recorder.record(untyped({ ...draft, ...change })))
        expect(error.code).toBe('HSK-400-INVALID-EVENT')
        expect(inspect(error, { depth: 9 })).not.toContain('CANARY')
      }
    }
    expect(count(folder)).toBe(0)
  })
})

test('fields of the recorder cannot be handed in', () => {
  using folder = openLogFolder()
  for (const field of ['schema_version', 'event_id', 'timestamp', 'seq', 'prev_hash', 'event_hash']) {
    const draft = untyped({ ...draftOf('diagnostic'), [field]: '00000000-0000-4000-8000-000000000001' })
    expect(errorOf(() => folder.recorder.record(draft)).problem?.pointer).toBe(`/${field}`)
  }
})

// T-X-REC-03
describe('content does not get in', () => {
  test('a forbidden key at depth 3 is refused and named, its value is not', () => {
    using folder = openLogFolder()
    const draft = draftOf('llm_inference')
    const payload = { ...draft.payload, a: { b: { prompt: CANARY } } }
    const error = errorOf(() => folder.recorder.record(untyped({ ...draft, payload })))
    expect(error.problem).toMatchObject({ reason: 'forbidden_key', expected: 'no key `prompt` at any depth' })
    expect(inspect(error, { depth: 9 })).not.toContain('CANARY')
  })

  test('a secret in a reason is redacted before it is stored', () => {
    using folder = openLogFolder()
    const draft = draftOf('micro_task_loop_cancelled')
    const payload = { ...draft.payload, reason: `stopped with ${CANARY} by a.b@example.org in /home/a/b` }
    folder.recorder.record({ ...draft, payload })
    expect(stored(folder)[0]).toMatchObject({
      payload: {
        reason:
          'stopped with [REDACTED:api_key:secret_api_key] by [REDACTED:pii:pii_email] in [REDACTED:path:path_absolute]',
      },
    })
  })

  test('a reason of 600 characters, or of two lines, is refused', () => {
    using folder = openLogFolder()
    const draft = draftOf('micro_task_loop_cancelled')
    for (const reason of [`CANARY ${'x'.repeat(593)}`, 'CANARY\nsecond line']) {
      const error = errorOf(() => folder.recorder.record({ ...draft, payload: { ...draft.payload, reason } }))
      expect(error.problem?.pointer).toBe('/payload/reason')
      expect(inspect(error, { depth: 9 })).not.toContain('CANARY')
    }
    expect(count(folder)).toBe(0)
  })

  test('a text that redaction makes longer than its bound is cut, not refused', () => {
    using folder = openLogFolder()
    const draft = draftOf('micro_task_loop_cancelled')
    const reason = `${'x'.repeat(500)} sk-12345678`
    folder.recorder.record({ ...draft, payload: { ...draft.payload, reason } })
    const [event] = stored(folder)
    expect(JSON.stringify(event)).toContain(`${'x'.repeat(500)} [REDACTED:a"`)
    expect(folder.verify().breaks).toEqual([])
  })

  test('a text that NFC makes longer than its bound is refused, because it could not be read back', () => {
    using folder = openLogFolder()
    const draft = draftOf('micro_task_loop_cancelled')
    // U+0958 becomes two code points.
    const withReason = (reason: string) => ({ ...draft, payload: { ...draft.payload, reason } })
    expect(codeOf(() => folder.recorder.record(withReason('\u0958'.repeat(512))))).toBe('HSK-400-INVALID-EVENT')
    const inference = draftOf('llm_inference')
    const identity = draftOf('context_pack_bound').payload.identity
    const withRole = (role: string) => ({
      ...inference,
      payload: { ...inference.payload, role_execution_identity: { ...identity, role } },
    })
    expect(codeOf(() => folder.recorder.record(withRole('\u0958'.repeat(256))))).toBe('HSK-400-INVALID-EVENT')
    expect(codeOf(() => folder.recorder.record(withRole('\ud800')))).toBe('HSK-400-INVALID-EVENT')
    folder.recorder.record(withReason('\u0958'.repeat(256)))
    expect(folder.verify()).toMatchObject({ breaks: [], events: 1 })
  })

  test('workspace paths stay as they are, secrets in them do not', () => {
    using folder = openLogFolder()
    const draft = draftOf('file_lock_conflict')
    const paths = ['src/a.ts', 'file:src/a.ts', `src/${CANARY}.ts`]
    folder.recorder.record({ ...draft, payload: { ...draft.payload, paths } })
    expect(stored(folder)[0]).toMatchObject({
      payload: { paths: ['src/a.ts', 'file:src/a.ts', expect.stringMatching(/^src.*\[REDACTED:api_key/)] },
    })
  })

  test('a secret in any open string of any event is redacted or refused; no byte of it reaches the disk or an error', async () => {
    using folder = openLogFolder()
    let recorded = 0
    for (const { draft } of eventSamples()) {
      for (const [pointer, spoiled] of spoiledDrafts(draft)) {
        try {
          folder.recorder.record(untyped(spoiled))
          recorded += 1
        } catch (error) {
          expect(inspect(error, { depth: 9, showHidden: true }), pointer).not.toContain('CANARY')
        }
      }
    }
    expect(recorded).toBeGreaterThan(300)
    await folder.anchor()
    for (const file of readdirSync(folder.path)) {
      expect(readFileSync(join(folder.path, file)).includes('CANARY'), file).toBe(false)
    }
    expect(folder.verify().breaks).toEqual([])
  })

  test('a redactor that learns a secret is asked again about what it called clean', () => {
    using folder = openLogFolder()
    const redactor = { ...testRedactor, version: '1' }
    const recorder = openRecorder({ ...folder, redactor, random: countingRandom() })
    const draft = { ...draftOf('diagnostic'), job_id: 'hunter2' }
    recorder.record(draft)
    redactor.redact = (text) => ({ text: text.replaceAll('hunter2', '[REDACTED:password:known]'), findings: [] })
    redactor.version = '2'
    recorder.record(draft)
    expect(stored(folder).map(({ job_id }) => job_id)).toEqual(['hunter2', '[REDACTED:password:known]'])
  })
})

test('an event above 32 KiB is refused', () => {
  using folder = openLogFolder()
  const draft = draftOf('context_pack_built')
  const withHashes = (length: number) => ({
    ...draft,
    payload: {
      ...draft.payload,
      target: 'x'.repeat(8000),
      source_hashes: Array.from({ length }, () => 'a'.repeat(64)),
    },
  })
  const tools = draftOf('tool_call')
  const paths = Array.from({ length: 5 }, () => 'y'.repeat(8000))
  folder.recorder.record(withHashes(256))
  const error = errorOf(() =>
    folder.recorder.record({ ...tools, payload: { ...tools.payload, resources_touched: paths } }),
  )
  expect(error.problem?.expected).toBe('at most 32768 bytes')
})

test('a number JSON cannot carry exactly is refused', () => {
  using folder = openLogFolder()
  const draft = draftOf('session.budget_warning')
  for (const current_value of [1e300, Infinity, Number.NaN]) {
    expect(codeOf(() => folder.recorder.record({ ...draft, payload: { ...draft.payload, current_value } }))).toBe(
      'HSK-400-INVALID-EVENT',
    )
  }
})

test('the stored text is the canonical one that was hashed', () => {
  using folder = openLogFolder()
  const receipt = folder.recorder.record(draftOf('llm_inference'))
  const row = folder.database.prepare('SELECT event, event_hash FROM flight_event').get()
  const text = String(row?.['event'])
  expect(canonicalize(JSON.parse(text))).toBe(text)
  expect([textHash(text), row?.['event_hash']]).toEqual([receipt.event_hash, receipt.event_hash])
})

test('whoever is told of an append gets the events as they are stored, in their place', () => {
  using folder = openLogFolder()
  const told: string[] = []
  const onAppend = (events: readonly object[]) => void told.push(...events.map((event) => canonicalize(event)))
  const recorder = openRecorder({ ...folder, redactor: testRedactor, random: countingRandom(), onAppend })
  recorder.recordAll(runDrafts('run-1'))
  recorder.recordRunEnd(runEnd('run-1'))
  const texts = folder.database.prepare('SELECT event FROM flight_event ORDER BY seq').all()
  expect(told).toEqual(texts.map(({ event }) => event))
})

test('a violation is stored once, whoever reports it how often (REC-021)', () => {
  using folder = openLogFolder()
  const draft = draftOf('security_violation')
  const first = folder.recorder.record(draft)
  const again = folder.recorder.recordAll([draft, draftOf('diagnostic'), draft])
  expect(again.map(({ seq, duplicate }) => [seq, duplicate])).toEqual([
    [1, true],
    [2, false],
    [1, true],
  ])
  expect(again[0]).toMatchObject({ event_id: first.event_id, event_hash: first.event_hash })
  const other = { ...draft, payload: { ...draft.payload, idempotency_key: 'b'.repeat(64) } }
  expect(folder.recorder.record(other)).toMatchObject({ seq: 3, duplicate: false })
  expect(folder.verify().duplicate_violations).toEqual([])
})

test('an edited lookup row cannot make the recorder take a violation for known', () => {
  using folder = openLogFolder()
  folder.recorder.record(draftOf('diagnostic'))
  const draft = draftOf('security_violation')
  folder.database
    .prepare('INSERT INTO flight_violation (idempotency_key, seq) VALUES (?, 1)')
    .run(draft.payload.idempotency_key)
  expect(folder.recorder.record(draft)).toMatchObject({ seq: 2, duplicate: false })
  expect(folder.recorder.record(draft)).toMatchObject({ seq: 2, duplicate: true })
})

test.each([null, undefined, 'CANARY', 7, []])('%j is no event', (value) => {
  using folder = openLogFolder()
  const error = errorOf(() => folder.recorder.record(untyped(value)))
  expect([error.code, error.message.includes('CANARY')]).toEqual(['HSK-400-INVALID-EVENT', false])
})

test('the end of a run counts its events, those of an open transaction included', () => {
  using folder = openLogFolder()
  recordRun(folder, 'other')
  folder.recorder.recordAll(runDrafts('run'))
  folder.database.exec('BEGIN')
  folder.recorder.record({ ...draftOf('diagnostic'), workflow_run_id: 'run' })
  const receipt = folder.recorder.recordRunEnd(runEnd('run'))
  folder.database.exec('COMMIT')
  expect(receipt.durable).toBe(false)
  const [end] = queryEvents(folder.database, { workflowRunId: 'run', type: 'run_end' }, { limit: 1 }).events
  expect(end).toMatchObject({ payload: { events_expected: 7 } })
  expect(folder.verify().runs.map(({ state }) => state)).toEqual(['complete', 'complete'])
})

/** The fields of an event that the recorder sets. */
function ofRecorder(event: object): object {
  return Object.fromEntries(Object.entries(event).filter(([key]) => isRecorderField(key)))
}

/** Copies of a draft with a secret in one string each. */
function spoiledDrafts(value: object): [string, object][] {
  const spoiled: [string, object][] = []
  const walk = (node: unknown, path: readonly string[]) => {
    if (typeof node === 'string') spoiled.push([path.join('/'), withValue(value, path, `x ${CANARY}`)])
    else if (typeof node === 'object' && node !== null) {
      for (const [key, inner] of Object.entries(node)) walk(inner, [...path, key])
    }
  }
  walk(value, [])
  return spoiled
}

function withValue(value: object, path: readonly string[], replacement: string): object {
  const copy = structuredClone(value)
  let node: unknown = copy
  for (const key of path.slice(0, -1)) node = typeof node === 'object' && node !== null ? Reflect.get(node, key) : node
  const last = path.at(-1)
  if (typeof node === 'object' && node !== null && last !== undefined) Reflect.set(node, last, replacement)
  return copy
}
