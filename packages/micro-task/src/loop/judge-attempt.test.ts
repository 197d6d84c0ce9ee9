import type { ModelReply } from '@ctxlock/contracts/micro-task-iteration'
import { expect, test } from 'vitest'

import { AT, FIRST_ITERATION } from '../../test/support/loop.ts'
import { judgeAttempt } from './judge-attempt.ts'

const ANSWER = { ...FIRST_ITERATION.definition, expected_output: 'structured_answer' as const, verify: [] }

type Answered = Extract<ModelReply, { status: 'answered' }>

async function judge(text: string, more: Partial<Answered> = {}) {
  const reply: ModelReply = {
    status: 'answered',
    output: {
      artifact_id: '00000000-0000-4000-8000-000000000003',
      kind: 'report',
      uri: '/objects/a',
      content_hash: 'a'.repeat(64),
      size_bytes: 1,
      classification: 'low',
      exportable: false,
    },
    degraded: false,
    quotations: { total: 1, sound: 1 },
    call_id: '00000000-0000-4000-8000-000000000001',
    idempotency_key: 'b'.repeat(64),
    context_snapshot_id: '00000000-0000-4000-8000-000000000002',
    context_window: 8192,
    tokens_prompt: 100,
    tokens_completion: 10,
    started_at: AT,
    duration_ms: 1,
    ...more,
  }
  return judgeAttempt({ readText: () => text }, { ...FIRST_ITERATION, definition: ANSWER }, reply)
}

test('an answer whose quotations stand in their files is complete', async () => {
  expect(await judge('By SHA-256.')).toEqual({
    outcome: { kind: 'claimed', validation_passed: true, blocking_checks: 1 },
  })
})

test.each([
  ['was cut off at its longest length', 'By SHA-', { ended_by: 'length' }, /cut off/],
  ['is the refusal of a filter', 'I cannot help with that.', { ended_by: 'content_filter' }, /declined/],
  ['holds no text, as after nothing but reasoning', ' \n', { quotations: { total: 0, sound: 0 } }, /no text/],
  ['quotes what is not there', 'By MD5.', { quotations: { total: 2, sound: 1 } }, /1 of 2 quotations/],
] as const)('an answer that %s is not', async (_, text, more, summary) => {
  const judged = await judge(text, more)
  expect(judged.outcome).toEqual({ kind: 'claimed', validation_passed: false, blocking_checks: 1 })
  expect(judged.summary).toMatch(summary)
})
