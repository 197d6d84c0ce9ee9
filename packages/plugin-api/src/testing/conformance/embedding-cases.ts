import { deepEqual, equal, ok } from 'node:assert/strict'

import type { ScriptedResponse } from '../fake-server.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { everyForm, providerErrorOf } from './expect-error.ts'
import { CANARY_KEY, CANARY_PROMPT, withBench } from './provider-target.ts'
import type { Bench, ProviderTarget } from './provider-target.ts'

const INPUT = [CANARY_PROMPT, 'second', 'third']
const VECTORS = [
  [0.5, -1.5],
  [0.25, 2],
  [1, 0],
]

/** Vectors are used without a look, so a provider gives right ones or none. */
export function embeddingCases(target: ProviderTarget): readonly ConformanceCase[] {
  const { embeddings, model } = target
  if (!embeddings) return []

  const answering = (vectors: readonly (readonly unknown[])[], use: (bench: Bench) => Promise<void>) =>
    withBench(target, [json(embeddings(vectors))], use)
  const refused = (what: string, vectors: readonly (readonly unknown[])[]): ConformanceCase => ({
    name: `embed: ${what} is refused`,
    run: () =>
      answering(vectors, async ({ client }) => {
        const { code } = await providerErrorOf(client.embed({ model, input: INPUT }))
        ok(code === 'protocol' || code === 'output_invalid', `expected bad vectors to be refused, got ${code}`)
      }),
  })

  return [
    {
      name: 'embed: one vector for each input, in order, with one request that names model and texts',
      run: () =>
        answering(VECTORS, async ({ client, server }) => {
          deepEqual((await client.embed({ model, input: INPUT })).embeddings, VECTORS)
          equal(server.requests.length, 1)
          const body = Buffer.from(server.requests[0]?.body ?? []).toString('utf8')
          for (const text of [model, ...INPUT]) ok(body.includes(text), 'expected the request to hold model and texts')
        }),
    },
    refused('a vector too few', VECTORS.slice(1)),
    refused('a vector too many', [...VECTORS, [1, 1]]),
    refused('a vector of another length', [...VECTORS.slice(1), [1]]),
    refused('an empty vector', [...VECTORS.slice(1), []]),
    refused('a value that is no number', [...VECTORS.slice(1), [null, 1]]),
    {
      name: 'embed: neither key nor text is in an error',
      run: () => {
        const response = { ...json(target.errorBody(`cannot embed ${CANARY_PROMPT} for ${CANARY_KEY}`)), status: 400 }
        return withBench(target, [response], async ({ client }) => {
          const shown = everyForm(await providerErrorOf(client.embed({ model, input: INPUT })))
          ok(!shown.includes(CANARY_PROMPT), 'expected the text not to be in the error')
          ok(!shown.includes(CANARY_KEY), 'expected the key not to be in the error')
        })
      },
    },
  ]
}

function json(body: string): ScriptedResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: [{ bytes: body }] }
}
