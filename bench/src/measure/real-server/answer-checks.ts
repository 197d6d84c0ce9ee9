import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'

import type { ResponseFormat, ToolSpecification } from '../../../../packages/contracts/src/provider.ts'
import { providerErrorOf } from '../../../../packages/plugin-api/src/testing.ts'
import type { Check } from './check.ts'

const GREETING = 'Say hello.'
const WEATHER: ToolSpecification = {
  name: 'get_weather',
  description: 'Weather of a city.',
  parameters: {
    type: 'object',
    properties: { city: { enum: ['Oslo', 'Paris'] }, days: { type: 'integer', minimum: 1, maximum: 3 } },
    required: ['city', 'days'],
    additionalProperties: false,
  },
}
const VERDICT: ResponseFormat = {
  type: 'json_schema',
  name: 'verdict',
  schema: {
    type: 'object',
    properties: { verdict: { enum: ['yes', 'no'] } },
    required: ['verdict'],
    additionalProperties: false,
  },
}

/** Whole and streamed answers, and everything a request can ask of them. */
export const answerChecks: readonly Check[] = [
  {
    name: 'health and model list',
    async run({ client, model }) {
      equal((await client.health()).state, 'ready')
      const ids = (await client.listModels()).map(({ id }) => id)
      ok(ids.includes(model), `expected ${model} to be listed`)
      return { models: ids.length }
    },
  },
  {
    name: 'chat, streamed and whole, say the same',
    async run({ chat }) {
      const whole = await chat(GREETING)
      const pieces: string[] = []
      const streamed = await chat(GREETING, { stream: true }, { onEvent: ({ text }) => pieces.push(text) })
      notEqual(whole.text, '')
      equal(streamed.text, whole.text)
      equal(pieces.join(''), streamed.text)
      ok(pieces.length > 1, 'expected more than one piece')
      for (const { usage, finishReason } of [whole, streamed]) {
        equal(finishReason, 'stop')
        equal(usage.source, 'provider')
        ok(usage.complete && (usage.inputTokens ?? 0) > 0 && (usage.outputTokens ?? 0) > 0, 'expected counts')
      }
      deepEqual(whole.warnings, [])
      return { outputTokens: whole.usage.outputTokens, pieces: pieces.length }
    },
  },
  {
    name: 'completion',
    async run({ client, model }) {
      const { text } = await client.prepareCompletion({ model, prompt: GREETING, temperature: 0 }).send()
      notEqual(text, '')
      return { characters: text.length }
    },
  },
  {
    name: 'stop sequence and output limit',
    async run({ chat }) {
      const { text } = await chat(GREETING)
      const stop = text.split(' ').at(2) ?? ''
      equal((await chat(GREETING, { stop: [stop] })).text.includes(stop), false)
      const short = await chat(GREETING, { maxOutputTokens: 3 })
      equal(short.finishReason, 'length')
      equal(short.usage.outputTokens, 3)
      return { stop, limited: short.text }
    },
  },
  {
    name: 'a demanded tool call, checked against its schema',
    async run({ chat }) {
      const { toolCalls, finishReason } = await chat('Weather?', { tools: [WEATHER], toolChoice: 'required' })
      equal(toolCalls[0]?.name, WEATHER.name)
      equal(finishReason, 'tool_calls')
      const streamed = await chat('Weather?', { tools: [WEATHER], toolChoice: 'required', stream: true })
      deepEqual(streamed.toolCalls[0]?.arguments, toolCalls[0]?.arguments)
      return { arguments: toolCalls[0]?.arguments }
    },
  },
  {
    name: 'JSON after a schema',
    async run({ chat }) {
      const { json } = await chat('Well?', { responseFormat: VERDICT })
      return { json }
    },
  },
  {
    name: 'seeds repeat an answer and change it',
    async run({ chat }) {
      const ask = async (seed: number): Promise<string> => (await chat(GREETING, { seed, temperature: 1.5 })).text
      const answers = new Set<string>()
      for (let seed = 1; seed <= 12; seed += 1) {
        const text = await ask(seed)
        equal(await ask(seed), text, `expected seed ${seed} to repeat`)
        answers.add(text)
      }
      ok(answers.size > 1, 'expected seeds to make a difference')
      return { seeds: 12, answers: answers.size }
    },
  },
  {
    name: 'a prompt that does not fit is refused, with the numbers',
    async run({ chat }) {
      const error = await providerErrorOf(chat('word '.repeat(60_000)))
      equal(error.code, 'context_overflow')
      return error.details
    },
  },
]
