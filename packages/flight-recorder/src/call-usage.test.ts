import { draftOf } from '@ctxlock/contracts/testing'
import { expect, test } from 'vitest'

import { openLogFolder } from '../test/log-folder.ts'
import { callUsage, logFigures } from './index.ts'

test('what calls took is read with what is not known left out, and figures of the log', async () => {
  using folder = openLogFolder()
  expect(callUsage(folder.database, '1970-01-01T00:00:00.000Z')).toEqual([])
  const draft = draftOf('llm_inference')
  const { cached_prompt_tokens: _, latency_ms: __, ...payload } = draft.payload
  const tokens = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }
  folder.recorder.record({ ...draft, payload: { ...payload, usage_source: 'none', token_usage: tokens } })
  const known = {
    ...payload,
    usage_source: 'estimated',
    token_usage: tokens,
    cached_prompt_tokens: 0,
    latency_ms: 5,
  } as const
  const { seq } = folder.recorder.record({ ...draft, payload: known })

  const [unknown, counted] = callUsage(folder.database, '1970-01-01T00:00:00.000Z')
  expect(unknown).toMatchObject({ promptTokens: undefined, cachedTokens: undefined, latencyMs: undefined })
  expect(counted).toMatchObject({ promptTokens: 7, cachedTokens: 0, latencyMs: 5, isEstimated: true })
  expect(counted?.costMicroUsd).toBeUndefined()
  expect(callUsage(folder.database, '9999-01-01T00:00:00.000Z')).toEqual([])

  expect(logFigures(folder.database)).toEqual({ events: seq, outside: 0, checkpoints: 0, checkpoint: null })
  await folder.anchor()
  expect(logFigures(folder.database)).toMatchObject({ checkpoints: 1, checkpoint: { size: seq } })
})
