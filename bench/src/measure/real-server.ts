// The adapter against a llama.cpp server that really runs: what it shows, and the time a cached prefix saves.
import { parseArgs } from 'node:util'

import type { LlmClient } from '../../../packages/contracts/src/provider.ts'
import { createTestContext } from '../../../packages/provider-kit/src/testing.ts'
import { createOpenAiCompat } from '../../../packages/provider-openai-compat/src/index.ts'
import { answerChecks } from './real-server/answer-checks.ts'
import type { Check, RealServer } from './real-server/check.ts'
import { embeddingCheck, serverChecks } from './real-server/server-checks.ts'

export interface Result {
  readonly total: number
  readonly passed: number
  readonly failed: readonly string[]
  /** What each check saw, by its name. */
  readonly report: Readonly<Record<string, object>>
}

/** `--url URL` of a llama.cpp server on loopback, `--model NAME` when it has several, `--embeddings-url URL`. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: { url: { type: 'string' }, model: { type: 'string' }, 'embeddings-url': { type: 'string' } },
  })
  if (values.url === undefined) throw new Error('Expected --url URL of a running llama.cpp server.')
  const client = connect(values.url)
  const embedder = values['embeddings-url'] === undefined ? undefined : connect(values['embeddings-url'])
  try {
    const model = values.model ?? (await client.listModels())[0]?.id ?? ''
    const checks = [...answerChecks, ...serverChecks, ...(embedder ? [embeddingCheck(embedder)] : [])]
    return await runChecks(checks, {
      url: values.url,
      model,
      client,
      chat: (words, options = {}, send = {}) =>
        client
          .prepareChat({
            model,
            messages: [{ role: 'user', content: words }],
            temperature: 0,
            stream: false,
            ...options,
          })
          .send(send),
    })
  } finally {
    await client.close()
    await embedder?.close()
  }
}

async function runChecks(checks: readonly Check[], server: RealServer): Promise<Result> {
  const report: Record<string, object> = {}
  const failed: string[] = []
  for (const { name: check, run } of checks) {
    try {
      report[check] = await run(server)
    } catch (error) {
      failed.push(check)
      report[check] = { failure: error instanceof Error ? error.message : 'unknown' }
    }
  }
  const total = Object.keys(report).length
  return { total, passed: total - failed.length, failed, report }
}

function connect(url: string): LlmClient {
  const base_url = url.replace(/\/$/, '')
  return createOpenAiCompat(
    { provider_id: 'real', base_url, tier: 'local', profile: 'llamacpp' },
    createTestContext({ baseUrl: base_url }),
  )
}
