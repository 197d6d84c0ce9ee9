import { equal, notDeepEqual } from 'node:assert/strict'

import { ProviderError } from '@ctxlock/contracts/provider'
import type { ChatRequest } from '@ctxlock/contracts/provider'

import type { ConformanceCase } from './conformance-case.ts'
import { CANARY_PROMPT, chatRequest, declares, responding, withBench } from './provider-target.ts'
import type { ProviderTarget } from './provider-target.ts'

const COUNTS = { inputTokens: 41, outputTokens: 7, cachedInputTokens: 32 }

/** One use of every option that a request may give. */
const OPTIONS: readonly Partial<ChatRequest>[] = [
  { maxOutputTokens: 7 },
  { temperature: 0.25 },
  { topP: 0.5 },
  { seed: 7 },
  { stop: ['END'] },
  { contextTokens: 2048 },
  { keepAlive: '5m' },
  { reasoning: 'low' },
]

/** Options, completions, reasoning and counts. */
export function generationCases(target: ProviderTarget): readonly ConformanceCase[] {
  const { completion, reasoned, counts } = target
  return [
    ...OPTIONS.map((option) => optionCase(target, option)),
    ...(completion ? [completionCase(target, completion)] : []),
    ...(reasoned ? [reasoningCase(target, reasoned)] : []),
    ...(counts ? [countCase(target, counts)] : []),
  ]
}

function optionCase(target: ProviderTarget, option: Partial<ChatRequest>): ConformanceCase {
  const [name = ''] = Object.keys(option)
  return {
    name: `options: ${name} is in the bytes or refused, never dropped`,
    run: () =>
      withBench(target, [], async ({ client }) => {
        const plain = chatRequest(target, false)
        const without = client.prepareChat(plain).body
        try {
          notDeepEqual(
            client.prepareChat({ ...plain, ...option }).body,
            without,
            `expected ${name} to change the bytes`,
          )
        } catch (error) {
          if (!(error instanceof ProviderError) || declares(client, name)) throw error
          equal(error.code, 'not_supported')
          equal(error.attempts, 0)
        }
      }),
  }
}

function completionCase(
  target: ProviderTarget,
  { body, text }: NonNullable<ProviderTarget['completion']>,
): ConformanceCase {
  return {
    name: 'complete: a whole answer to a prompt is read',
    run: () =>
      withBench(target, [responding({ ...target.answer, body })], async ({ client }) => {
        const call = client.prepareCompletion({ model: target.model, prompt: CANARY_PROMPT })
        equal((await call.send()).text, text)
      }),
  }
}

function reasoningCase(
  target: ProviderTarget,
  { body, text, reasoning }: NonNullable<ProviderTarget['reasoned']>,
): ConformanceCase {
  return {
    name: 'reasoning: it stands apart from the text',
    run: () =>
      withBench(target, [responding({ ...target.answer, body })], async ({ chat }) => {
        const result = await chat()
        equal(result.text, text)
        equal(result.reasoning, reasoning)
      }),
  }
}

function countCase(target: ProviderTarget, counts: NonNullable<ProviderTarget['counts']>): ConformanceCase {
  return {
    name: "usage: the server's counts are returned; cached tokens only where they are declared",
    run: () =>
      withBench(target, [responding({ ...target.answer, body: counts(COUNTS) })], async ({ chat, client }) => {
        const { usage } = await chat()
        equal(usage.source, 'provider')
        equal(usage.inputTokens, COUNTS.inputTokens)
        equal(usage.outputTokens, COUNTS.outputTokens)
        equal(usage.totalTokens, COUNTS.inputTokens + COUNTS.outputTokens)
        equal(usage.cachedInputTokens, client.capabilities.cached_tokens ? COUNTS.cachedInputTokens : null)
      }),
  }
}
