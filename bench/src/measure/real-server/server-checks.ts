import { deepEqual, equal, ok } from 'node:assert/strict'

import type { LlmClient } from '../../../../packages/contracts/src/provider.ts'
import { providerErrorOf } from '../../../../packages/plugin-api/src/testing.ts'
import { listOf, objectOf } from '../../../../packages/provider-kit/src/index.ts'
import type { Check, RealServer } from './check.ts'

// Asks for far more than anybody waits for, so that only an abort can end it early.
const LONG = {
  stream: true,
  maxOutputTokens: 3000,
  responseFormat: {
    type: 'json_schema',
    name: 'numbers',
    schema: { type: 'array', items: { type: 'integer' }, minItems: 2000 },
  },
} as const
const LEAST_CACHED_SHARE = 0.95

/** What only a look at the server, or at the time it took, can show. */
export const serverChecks: readonly Check[] = [
  {
    name: 'an abort stops the server',
    async run(server) {
      const abort = new AbortController()
      const onEvent = (): void => abort.abort()
      const before = await busySlots(server)
      const error = await providerErrorOf(server.chat('Count.', LONG, { signal: abort.signal, onEvent }))
      equal(error.code, 'aborted')
      const start = performance.now()
      while ((await busySlots(server)) > before) {
        ok(performance.now() - start < 2000, 'expected the server to stop within two seconds')
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      return { idleAfterMs: Math.round(performance.now() - start) }
    },
  },
  {
    name: 'a repeated stable prefix is cached',
    async run({ chat }) {
      // New in every run, so that nothing of it is cached yet.
      const prefix = Array.from({ length: 120 }, (_, line) => `${performance.now()} rule ${line}`)
        .join('\n')
        .slice(0, 3000)
      const first = await chat(`${prefix}\nQuestion: one?`)
      const again = await chat(`${prefix}\nQuestion: two?`)
      const share = (again.usage.cachedInputTokens ?? 0) / (again.usage.inputTokens ?? Infinity)
      ok(
        share >= LEAST_CACHED_SHARE,
        `expected at least ${LEAST_CACHED_SHARE} of the prompt to be cached, got ${share}`,
      )
      const [firstMs, againMs] = [first, again].map(({ meta }) => Number(meta['promptMs']))
      return {
        promptTokens: again.usage.inputTokens,
        cachedTokens: again.usage.cachedInputTokens,
        cachedShare: Number(share.toFixed(4)),
        firstPromptMs: firstMs,
        repeatedPromptMs: againMs,
        savedMs: Math.round(((firstMs ?? 0) - (againMs ?? 0)) * 10) / 10,
        firstTotalMs: Math.round(first.timings.totalMs),
        repeatedTotalMs: Math.round(again.timings.totalMs),
      }
    },
  },
]

/** For a server that embeds, which for llama.cpp is a process of its own. */
export function embeddingCheck(embedder: LlmClient): Check {
  return {
    name: 'embeddings',
    async run({ model }) {
      const input = ['one text', 'another text']
      const { embeddings, usage } = await embedder.embed({ model, input })
      deepEqual((await embedder.embed({ model, input })).embeddings, embeddings)
      return { vectors: embeddings.length, dimensions: embeddings[0]?.length, inputTokens: usage.inputTokens }
    },
  }
}

async function busySlots({ url }: RealServer): Promise<number> {
  const slots = listOf(await (await fetch(new URL('/slots', url))).json())
  return slots.filter((slot) => objectOf(slot)['is_processing'] === true).length
}
