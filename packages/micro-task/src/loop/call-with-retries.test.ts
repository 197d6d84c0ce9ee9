import type { CallError, ModelReply } from '@ctxlock/contracts/micro-task-iteration'
import { expect, test } from 'vitest'

import { AT, FIRST_ITERATION } from '../../test/support/loop.ts'
import { CALL_TIMEOUT_MS, callWithRetries } from './call-with-retries.ts'

const FACTS = {
  call_id: '00000000-0000-4000-8000-000000000001',
  idempotency_key: 'a'.repeat(64),
  context_snapshot_id: '00000000-0000-4000-8000-000000000002',
  context_window: 8192,
  tokens_prompt: 10,
  tokens_completion: 5,
  started_at: AT,
  duration_ms: 7,
}
const failed = (error: CallError): ModelReply => ({ ...FACTS, status: 'failed', error, code: error })
const ANSWERED: ModelReply = {
  ...FACTS,
  status: 'answered',
  degraded: false,
  quotations: { total: 0, sound: 0 },
  output: {
    artifact_id: '00000000-0000-4000-8000-000000000003',
    kind: 'report',
    uri: '/objects/a',
    content_hash: 'a'.repeat(64),
    size_bytes: 1,
    classification: 'low',
    exportable: false,
  },
}

async function tried(replies: readonly ModelReply[], timeoutMs?: number) {
  const limits: number[] = []
  const waits: number[] = []
  const reply = await callWithRetries(
    {
      async call(_, limit) {
        limits.push(limit.timeoutMs)
        return replies[limits.length - 1] ?? ANSWERED
      },
      async wait(milliseconds) {
        waits.push(milliseconds)
      },
    },
    FIRST_ITERATION,
    timeoutMs,
  )
  return { reply, limits, waits }
}

test('T-MT-05, T-MT-12: a timeout is tried once more with half as much time again, and no call takes over five minutes', async () => {
  const { reply, limits, waits } = await tried([failed('model_timeout'), failed('model_timeout')])
  expect([reply.status, limits, waits]).toEqual(['failed', [CALL_TIMEOUT_MS, 1.5 * CALL_TIMEOUT_MS], []])
  expect((await tried([failed('model_timeout')], 250_000)).limits).toEqual([250_000, 300_000])
})

test('T-MT-05: transient errors wait 1, 2 and 4 seconds; the tokens and the time of all tries count', async () => {
  const transient = failed('model_error_transient')
  const gaveUp = await tried([transient, transient, transient, transient])
  expect([gaveUp.reply.status, gaveUp.waits]).toEqual(['failed', [1000, 2000, 4000]])
  const { reply, limits } = await tried([transient, transient])
  expect(limits).toHaveLength(3)
  expect(reply).toMatchObject({ status: 'answered', tokens_prompt: 30, tokens_completion: 15, duration_ms: 21 })
})

test('exhausted resources wait once; what another try cannot mend is not tried again', async () => {
  expect((await tried([failed('resource_exhausted'), failed('resource_exhausted')])).waits).toHaveLength(1)
  for (const error of ['model_error', 'context_overflow'] as const) {
    expect((await tried([failed(error)])).limits).toHaveLength(1)
  }
})
