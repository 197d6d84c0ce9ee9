import { RECORDER_FIELDS } from '@ctxlock/contracts/events'
import { draftOf } from '@ctxlock/contracts/testing'
import { canonicalize } from '@ctxlock/core-hash'
import { expect, test } from 'vitest'

import { countingRandom, testRedactor } from '../test/log-folder.ts'
import { createEventTexts, eventOf } from './event-texts.ts'
import type { EventText, EventTexts } from './event-texts.ts'

const PREVIOUS = 'f'.repeat(64)
const BEFORE = { prev_hash: '0'.repeat(64), seq: 1 }

function open(redactor = testRedactor) {
  return createEventTexts({ redactor, clock: { now: () => 0 }, random: countingRandom() })
}
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()

test.each([1, 9, 10, 123_456, Number.MAX_SAFE_INTEGER])('an event has its place when it is the %dth', (seq) => {
  const texts = open()
  texts.prepare([draftOf('call_settled'), draftOf('diagnostic')], (events) => {
    const unplaced = events.map((event) => texts.read(event))
    expect(unplaced).toEqual([expect.objectContaining(BEFORE), expect.objectContaining(BEFORE)])
    for (const [index, event] of events.entries()) {
      const expected = canonicalize({ ...unplaced[index], seq, prev_hash: PREVIOUS })
      const bytes = texts.place(event, seq, PREVIOUS)
      expect(textOf(bytes)).toBe(expected)
      expect(canonicalize(eventOf(bytes))).toBe(expected)
    }
  })
})

test('an event gets a place of any other length than the one that was likely', () => {
  const texts = open()
  for (const seq of [1, 99_999, 100_000, 7, 123_456_789, 10]) {
    texts.prepare([draftOf('diagnostic'), draftOf('call_settled')], (events) => {
      for (const event of events) {
        const expected = canonicalize({ ...texts.read(event), seq, prev_hash: PREVIOUS })
        expect(textOf(texts.place(event, seq, PREVIOUS))).toBe(expected)
      }
    })
  }
})

test('a draft with a field of the recorder, and a moment that no timestamp can say, are refused by name', () => {
  const prepared = (texts: EventTexts, more: object) => () =>
    texts.prepare([{ ...draftOf('diagnostic'), ...more }], () => 0)
  for (const field of RECORDER_FIELDS) {
    const problem = { reason: 'schema', pointer: `/${field}`, expected: 'absent: the recorder sets it' }
    expect(prepared(open(), { [field]: 'a'.repeat(64) })).toThrow(expect.objectContaining({ problem }))
  }
  const late = createEventTexts({ redactor: testRedactor, clock: { now: () => 8.64e15 }, random: countingRandom() })
  expect(prepared(late, {})).toThrow(expect.objectContaining({ code: 'HSK-400-INVALID-EVENT' }))
})

test('an event that cannot be written at first sight becomes the same text as any other', () => {
  const texts = open()
  const draft = draftOf('diagnostic')
  const words = ['Cafe\u0301', 'a token sk-CANARY0123456789', 'plain', 'ü "quoted"']
  texts.prepare(
    words.map((job_id) => ({ ...draft, job_id })),
    (events) => {
      const ids = events.map((event) => texts.read(event).job_id)
      expect(ids).toEqual(words.map((word) => testRedactor.redact(word.normalize('NFC')).text))
      for (const event of events) {
        const expected = canonicalize({ ...texts.read(event), prev_hash: PREVIOUS, seq: 77 })
        expect(textOf(texts.place(event, 77, PREVIOUS))).toBe(expected)
      }
    },
  )
})

test('whoever prepares events meanwhile leaves those that wait as they are, also when the buffer grows', () => {
  let nested = 0
  const many = Array.from({ length: 200 }, () => draftOf('diagnostic'))
  const texts = open({
    ...testRedactor,
    redact(text) {
      const isOuter = text.startsWith('job-') || text.startsWith('run of ')
      if (isOuter) nested += 1
      if (isOuter) texts.prepare(many, (events) => expect(events).toHaveLength(200))
      return testRedactor.redact(text)
    },
  })
  // Fields before and behind the place of an event.
  const drafts = ['job-1', 'job-2', 'job-3'].map((job_id) => ({
    ...draftOf('diagnostic'),
    job_id,
    workflow_run_id: `run of ${job_id}`,
  }))
  texts.prepare(drafts, (events: readonly EventText[]) => {
    const inner = texts.prepare(many, ([first]) => first && texts.read(first).event_id)
    const read = events.map((event) => texts.read(event))
    expect(read.map(({ job_id }) => job_id)).toEqual(['job-1', 'job-2', 'job-3'])
    expect(read.map(({ event_id }) => event_id)).not.toContain(inner)
    for (const [index, event] of events.entries()) {
      const expected = canonicalize({ ...read[index], prev_hash: PREVIOUS, seq: 1234 })
      expect(textOf(texts.place(event, 1234, PREVIOUS))).toBe(expected)
    }
  })
  expect(nested).toBeGreaterThanOrEqual(6)
})

test('a redactor of another version is asked again', () => {
  const redactor = { ...testRedactor, version: '1' }
  const texts = open(redactor)
  const draft = { ...draftOf('diagnostic'), job_id: 'job-1' }
  const idOf = () => texts.prepare([draft], ([event]) => event && texts.read(event).job_id)
  expect(idOf()).toBe('job-1')
  redactor.version = '2'
  redactor.redact = (text) => ({ text: text.replace('job', 'work'), findings: [] })
  expect(idOf()).toBe('work-1')
})
