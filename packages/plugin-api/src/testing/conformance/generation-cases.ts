import { equal, notDeepEqual } from 'node:assert/strict'

import { ProviderError } from '@ctxlock/contracts/provider'
import type { LlmClient, SamplingOptions } from '@ctxlock/contracts/provider'

import type { ConformanceCase } from './conformance-case.ts'
import { CANARY_PROMPT, chatRequest, declares, responding, withBench } from './provider-target.ts'
import type { ProviderTarget } from './provider-target.ts'

const COUNTS = { inputTokens: 41, outputTokens: 7, cachedInputTokens: 32 }

/** Uses of every option that a request may give. Zero is a value like any other, and the one that is most easily lost. */
const OPTIONS: readonly Partial<SamplingOptions>[] = [
  { maxOutputTokens: 7 },
  { temperature: 0.25 },
  { temperature: 0 },
  { topP: 0.5 },
  { seed: 7 },
  { seed: 0 },
  { stop: ['END'] },
  { contextTokens: 2048 },
  { keepAlive: '5m' },
  { reasoning: 'low' },
]

/** Options, completions, reasoning and counts. */
export function generationCases(target: ProviderTarget): readonly ConformanceCase[] {
  const { completion, reasoned, counts } = target
  return [
    ...OPTIONS.map((option) => optionCase(target, option, '', chatBody)),
    ...(completion ? OPTIONS.map((option) => optionCase(target, option, ' of a completion', completionBody)) : []),
    ...(completion ? [completionCase(target, completion)] : []),
    ...(reasoned ? [reasoningCase(target, reasoned)] : []),
    ...(counts ? [countCase(target, counts)] : []),
  ]
}

type Body = (client: LlmClient, target: ProviderTarget, option: Partial<SamplingOptions>) => Uint8Array

const chatBody: Body = (client, target, option) => client.prepareChat({ ...chatRequest(target, false), ...option }).body
const completionBody: Body = (client, { model }, option) =>
  client.prepareCompletion({ model, prompt: CANARY_PROMPT, ...option }).body

function optionCase(
  target: ProviderTarget,
  option: Partial<SamplingOptions>,
  whose: string,
  bodyOf: Body,
): ConformanceCase {
  const [[name, value] = ['', undefined]] = Object.entries(option)
  return {
    name: `options: ${name}${value === 0 ? ' 0' : ''}${whose} is in the bytes or refused, never dropped`,
    run: () =>
      withBench(target, [], async ({ client }) => {
        try {
          const without = bodyOf(client, target, {})
          notDeepEqual(bodyOf(client, target, option), without, `expected ${name} to change the bytes`)
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
