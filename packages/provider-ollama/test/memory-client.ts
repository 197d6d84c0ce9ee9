import type { HttpProviderOptions, LlmClient } from '@ctxlock/contracts/provider'
import { createMemoryEgress, createTestContext } from '@ctxlock/provider-kit/testing'
import type { MemoryResponse } from '@ctxlock/provider-kit/testing'

import { createOllama } from '../src/index.ts'

const BASE_URL = 'http://127.0.0.1:11434'

/** A client whose server is a list of answers in memory, and the requests it was asked. */
export function memoryClient(
  responses: readonly MemoryResponse[],
  options: Partial<HttpProviderOptions> = {},
): {
  readonly client: LlmClient
  readonly requests: readonly { readonly method: string; readonly url: string; readonly body?: Uint8Array }[]
} {
  const egress = createMemoryEgress((_, index) => responses[index] ?? { status: 500, chunks: ['no more answers'] })
  const timers = {
    after(_milliseconds: number, callback: () => void) {
      const timer = setImmediate(callback)
      return () => clearImmediate(timer)
    },
  }
  const context = { ...createTestContext({ baseUrl: BASE_URL }), egress, timers }
  const common = { provider_id: 'memory', base_url: BASE_URL, tier: 'local', max_retries: 0 } as const
  return { client: createOllama({ ...common, ...options }, context), requests: egress.requests }
}

export const END = { done: true, done_reason: 'stop', prompt_eval_count: 5, eval_count: 2 }

export function json(value: unknown, status = 200): MemoryResponse {
  return { status, headers: { 'content-type': 'application/json' }, chunks: [JSON.stringify(value)] }
}

export function lines(...documents: readonly unknown[]): MemoryResponse {
  const chunks = documents.map((item) => `${typeof item === 'string' ? item : JSON.stringify(item)}\n`)
  return { headers: { 'content-type': 'application/x-ndjson' }, chunks }
}

export function said(content: string, rest: object = { done: false }): object {
  return { model: 'llama3.2', message: { role: 'assistant', content }, ...rest }
}

export function bodyOf(request: { readonly body?: Uint8Array } | undefined): unknown {
  return JSON.parse(Buffer.from(request?.body ?? []).toString())
}
