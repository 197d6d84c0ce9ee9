import type { RunLedgerRecord } from '@ctxlock/contracts/micro-task-run'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { ledgerLine, readLedger, recoveredSteps, stepStatuses } from './run-ledger.ts'

const record = (seq: number, step: number, status: RunLedgerRecord['status']): RunLedgerRecord => ({
  seq,
  step_id: `MT-001_iter-00${step}`,
  idempotency_key: String(step).repeat(64),
  status,
  at: '2026-11-22T00:00:00.000Z',
  recoverable: true,
})
const RECORDS = [record(0, 1, 'in_progress'), record(1, 1, 'completed'), record(2, 2, 'in_progress')]
const TEXT = RECORDS.map(ledgerLine).join('')

test('cut off anywhere, the whole lines count and the torn one does not (MT-048)', () => {
  fc.assert(
    fc.property(fc.nat(TEXT.length), (length) => {
      const { records, length: whole } = readLedger(TEXT.slice(0, length))
      expect(records).toEqual(RECORDS.slice(0, records.length))
      expect(TEXT.slice(0, whole)).toBe(RECORDS.slice(0, records.length).map(ledgerLine).join(''))
      expect(length - whole).toBeLessThan(
        ledgerLine(RECORDS[records.length] ?? RECORDS[0] ?? record(0, 1, 'pending')).length,
      )
    }),
    { seed: 20_261_122, numRuns: 200 },
  )
})

test.each([
  ['a line that is no record', 'x\n'],
  ['a line twice', ledgerLine(RECORDS[2] ?? record(2, 2, 'in_progress'))],
  ['an empty line', '\n'],
])('%s is damage, not a torn end', (_, line) => {
  expect(() => readLedger(TEXT + line)).toThrow(expect.objectContaining({ code: 'LEDGER_DAMAGED' }))
})

test('a step under way is completed when its output was stored, else pending again (MT-047)', () => {
  expect(stepStatuses(RECORDS).get('MT-001_iter-002')?.status).toBe('in_progress')
  expect(recoveredSteps(RECORDS, () => undefined)).toMatchObject([{ step_id: 'MT-001_iter-002', status: 'pending' }])
  const output = {
    artifact_id: '00000000-0000-4000-8000-000000000001',
    kind: 'report' as const,
    uri: '/objects/a',
    content_hash: 'a'.repeat(64),
    size_bytes: 1,
    classification: 'low' as const,
    exportable: false,
  }
  expect(recoveredSteps(RECORDS, () => output)).toMatchObject([{ status: 'completed', output_artifact_ref: output }])
})
