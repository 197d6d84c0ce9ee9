import { deepEqual, equal, ok } from 'node:assert/strict'

import { ModelProfile, ProviderCapabilities } from '@ctxlock/contracts/provider'
import type { LlmClient } from '@ctxlock/contracts/provider'

import { createRegistry } from '../../registry.ts'
import { providerErrorOf } from './expect-error.ts'
import { chatRequest, declares, withBench } from './provider-target.ts'
import type { ProviderTarget } from './provider-target.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { EXAMPLE_OF } from './target-examples.ts'

/** What a provider says about itself, and what it refuses because of that. */
export function manifestCases(target: ProviderTarget): readonly ConformanceCase[] {
  return [
    {
      name: 'manifest: the registry accepts the plugin',
      run: async () => {
        const registry = createRegistry([{ source: 'under test', plugin: target.plugin }])
        deepEqual(registry.list(), [{ kind: 'provider', name: target.plugin.name, source: 'under test' }])
      },
    },
    {
      name: 'manifest: capabilities and profiles are well formed and need no request',
      run: () =>
        withBench(target, [], async ({ client, server }) => {
          ok(client.displayName.length > 0, 'expected a display name')
          ok(ProviderCapabilities.safeParse(client.capabilities).success, 'expected capabilities of the contract')
          ok(ModelProfile.safeParse(client.profile(target.model)).success, 'expected a model profile of the contract')
          client.prepareChat(chatRequest(target, false))
          equal(server.connections, 0)
        }),
    },
    {
      name: 'manifest: an undeclared capability is refused without a request',
      run: () =>
        withBench(target, [], async ({ client, server }) => {
          for (const [capability, uses] of Object.entries(usesOf(client, target))) {
            if (declares(client, capability)) continue
            for (const use of uses) {
              const error = await providerErrorOf(use)
              equal(error.code, 'not_supported', `expected ${capability} to be refused with not_supported`)
              equal(error.attempts, 0)
            }
          }
          equal(server.connections, 0)
        }),
    },
    ...Object.entries(EXAMPLE_OF).map(([capability, example]): ConformanceCase => ({
      name: `manifest: ${capability} is declared exactly when the target has an example of it`,
      run: () =>
        withBench(target, [], async ({ client }) =>
          equal(declares(client, capability), target[example] !== undefined, `expected ${example} for ${capability}`),
        ),
    })),
    {
      name: 'manifest: usage of the provider is declared exactly when the target has an example of it',
      run: () =>
        withBench(target, [], async ({ client: { capabilities } }) => {
          equal(capabilities.usage === 'provider', target.counts !== undefined)
          ok(target.counts !== undefined || !capabilities.cached_tokens, 'expected cached tokens to come with counts')
        }),
    },
    {
      name: 'manifest: vision is not declared, since requests of this version carry no images',
      run: () => withBench(target, [], async ({ client }) => equal(client.capabilities.vision, false)),
    },
  ]
}

/** Every use of each capability that can be refused. */
function usesOf(client: LlmClient, target: ProviderTarget): Readonly<Record<string, readonly (() => unknown)[]>> {
  const { model } = target
  const chat = chatRequest(target, false)
  return {
    complete: [() => client.prepareCompletion({ model, prompt: 'x' })],
    stream: [() => client.prepareChat({ ...chat, stream: true })],
    tools: [() => client.prepareChat({ ...chat, tools: [{ name: 'look', parameters: { type: 'object' } }] })],
    json_schema: [() => client.prepareChat({ ...chat, responseFormat: { type: 'json' } })],
    reasoning: [() => client.prepareChat({ ...chat, reasoning: 'low' })],
    seed: [() => client.prepareChat({ ...chat, seed: 1 })],
    embed: [() => client.embed({ model, input: ['x'] })],
    list: [() => client.listModels(), () => client.showModel(model)],
    load: [() => client.load(model), () => client.unload(model), () => client.listRunning()],
  }
}
