import { DatabaseSync } from 'node:sqlite'

import type { InjectionMatch } from '@ctxlock/contracts/guards'
import { canonicalHash } from '@ctxlock/core-hash'
import { expect, it } from 'vitest'

import { createJobTable, poisonJob, recoverPoisonedJobs, type PoisonEvent, type PoisonRequest } from '../poisoning.ts'

const H = (digit: string) => digit.repeat(64)

function match(...contents: readonly string[]): InjectionMatch {
  const place = { utf16_start: 0, utf16_end: 4, utf8_start: 0, utf8_end: 4 }
  const members = contents.map((content_hash) => ({
    block: 'b',
    candidate_id: 'c'.repeat(32),
    source_ref_hash: H('5'),
    content_hash,
    ...place,
  }))
  return { pattern_id: 'PI-001', view_id: 'V0', offset: 0, length: 4, members, table_version: 'unicode-17.0.0+17.0' }
}

function poisonWith(changes: Partial<PoisonRequest>, database = openDatabase()) {
  const recorded: PoisonEvent[] = []
  const request = {
    job_id: 'job',
    violation_id: '11111111-1111-4111-8111-111111111111',
    guard: 'PromptInjectionGuard',
    matches: [match(H('1'))],
    policy_profile_id: 'default',
    context_snapshot_id: null,
    ...changes,
  }
  const result = poisonJob(database, request, (event) => recorded.push(event))
  return { recorded, result }
}

function openDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  createJobTable(database)
  return database
}

const keyOf = (changes: Partial<PoisonRequest>) => poisonWith(changes).recorded[0]?.idempotency_key

it('is known again by the job, the guard and the contents, in whatever order they were found (REC-021)', () => {
  const key = keyOf({ matches: [match(H('2'), H('1'))] })
  expect(key).toBe(canonicalHash(['job', 'prompt_injection', 'PromptInjectionGuard', [H('1'), H('2')]]))
  expect(keyOf({ matches: [match(H('1')), match(H('2')), match(H('1'))] })).toBe(key)
  const others = [{ job_id: 'other' }, { guard: 'Other' }, { matches: [match(H('1'), H('3'))] }]
  expect(new Set([key, ...others.map((changes) => keyOf({ matches: [match(H('2'), H('1'))], ...changes }))]).size).toBe(
    4,
  )
})

it('counts a match over a border for the block it starts in, and carries at most sixteen', () => {
  const [event] = poisonWith({ matches: [match(H('1'), H('2')), match(H('3'))] }).recorded
  expect(event?.matches.map(({ content_hash }) => content_hash)).toEqual([H('1'), H('3')])
  const many = poisonWith({ matches: Array.from({ length: 17 }, () => match(H('1'))) }).recorded
  expect(many[0]?.matches).toHaveLength(16)
})

it('of a job that nobody registered says that it was queued, and is recorded once however often it is poisoned', () => {
  const database = openDatabase()
  const first = poisonWith({}, database)
  expect(first.recorded).toMatchObject([{ job_state_from: 'queued', error_code: 'PromptInjectionDetected' }])
  const again = poisonWith({}, database)
  expect(again).toEqual({
    recorded: [],
    result: { outcome: 'already_poisoned', state: 'poisoned', epoch: 1, cancelled: [], event: 'none' },
  })
})

it('that the recorder could not take is recorded later as it was', () => {
  const database = openDatabase()
  const { recorded } = poisonWith({ matches: [match(H('1')), match(H('2'))] })
  const failing = () => {
    throw new Error('the log is closed')
  }
  const { violation_id, guard, policy_profile_id, context_snapshot_id } = recorded[0] ?? {}
  if (!violation_id || !guard || !policy_profile_id || context_snapshot_id === undefined) throw new Error('No event.')
  const found = { violation_id, guard, policy_profile_id, context_snapshot_id }
  poisonJob(database, { job_id: 'job', matches: [match(H('1')), match(H('2'))], ...found }, failing)
  const later: PoisonEvent[] = []
  expect(recoverPoisonedJobs(database, (event) => later.push(event))).toEqual([{ job_id: 'job', event: 'recorded' }])
  expect(later).toEqual(recorded)
})
