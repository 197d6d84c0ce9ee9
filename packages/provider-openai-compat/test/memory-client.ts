import type { LlmClient } from '@ctxlock/contracts/provider'
import { createMemoryEgress, createTestContext } from '@ctxlock/provider-kit/testing'
import type { MemoryResponse } from '@ctxlock/provider-kit/testing'

import { createOpenAiCompat } from '../src/index.ts'
import type { OpenAiCompatOptions } from '../src/index.ts'

const BASE_URL = 'http://127.0.0.1:8080'

/** A client whose server is a list of answers in memory, and the requests it was asked. */
export function memoryClient(
  responses: readonly MemoryResponse[],
  options: Partial<OpenAiCompatOptions> = {},
): {
  readonly client: LlmClient
  readonly requests: readonly { readonly method: string; readonly url: string; readonly body?: Uint8Array }[]
} {
  const egress = createMemoryEgress((_, index) => responses[index] ?? { status: 500, chunks: ['no more answers'] })
  const context = { ...createTestContext({ baseUrl: BASE_URL }), egress }
  const common = { provider_id: 'memory', base_url: BASE_URL, tier: 'local', max_retries: 0 } as const
  return { client: createOpenAiCompat({ ...common, ...options }, context), requests: egress.requests }
}

export function json(value: unknown, status = 200): MemoryResponse {
  return { status, headers: { 'content-type': 'application/json' }, chunks: [JSON.stringify(value)] }
}

export function events(...data: readonly unknown[]): MemoryResponse {
  const chunks = data.map((item) => `data: ${typeof item === 'string' ? item : JSON.stringify(item)}\n\n`)
  return { headers: { 'content-type': 'text/event-stream' }, chunks }
}

export function delta(members: object, finish: string | null = null): object {
  return { model: 'm1', choices: [{ index: 0, delta: members, finish_reason: finish }] }
}

export function answer(message: object, rest: object = {}, finish: string | null = 'stop'): object {
  return {
    model: 'm1',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
    ...rest,
  }
}
