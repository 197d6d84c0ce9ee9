import type { LlmClient, ModelInfo } from '@ctxlock/contracts/provider'
import { expect, it } from 'vitest'

import { clientModelHost } from './client-model-host.ts'

const MIB = 1_048_576
const signal = new AbortController().signal

/** The members the adapter uses of a client; any other is missed loudly. */
function serverOf(options: {
  loads: boolean
  listed?: readonly ModelInfo[]
  running?: readonly ModelInfo[]
  ready?: boolean
}) {
  const asked: string[] = []
  const members = {
    capabilities: { load: options.loads, list: true },
    listModels: async () => options.listed ?? [],
    listRunning: async () => options.running ?? [],
    load: async (model: string) => void asked.push(`load ${model}`),
    unload: async (model: string) => void asked.push(`unload ${model}`),
    health: async () => ({ ready: options.ready ?? true, state: 'ready' }),
  }
  const client = new Proxy(Object.create(null), { get: (_, name) => Reflect.get(members, name) }) satisfies LlmClient
  return { client, asked }
}

it('loads, unloads and measures through a server that loads on request', async () => {
  const running = [{ id: 'coder:latest', sizeBytes: 30 * MIB, vramBytes: 20 * MIB }]
  const { client, asked } = serverOf({ loads: true, running })
  const host = clientModelHost(async () => ({ client }))
  await host.load('coder', signal)
  await host.unload('coder', signal)
  expect(asked).toEqual(['load coder', 'unload coder'])
  expect(await host.isReady('coder', signal)).toBe(true)
  expect(await host.isReady('other', signal)).toBe(false)
  expect(await host.measure('coder', signal)).toEqual({ vramMb: 20, ramMb: 10 })
})

it('counts all of a model as VRAM where the server does not say how it is split', async () => {
  const { client } = serverOf({ loads: true, running: [{ id: 'a', sizeBytes: 5 * MIB + 1 }] })
  expect(await clientModelHost(async () => ({ client })).measure('a', signal)).toEqual({ vramMb: 6, ramMb: 0 })
})

it('takes the declared size before the listed one', async () => {
  const { client } = serverOf({ loads: true, listed: [{ id: 'a', sizeBytes: MIB }, { id: 'b' }] })
  expect(await clientModelHost(async () => ({ client })).sizeMb('a', signal)).toBe(1)
  expect(await clientModelHost(async () => ({ client })).sizeMb('b', signal)).toBeUndefined()
  expect(await clientModelHost(async () => ({ client, memoryMb: 7 })).sizeMb('a', signal)).toBe(7)
})

it('asks nothing but health of a server that has its models always', async () => {
  const { client, asked } = serverOf({ loads: false, ready: false })
  const host = clientModelHost(async () => ({ client }))
  await host.load('a', signal)
  await host.unload('a', signal)
  expect(asked).toEqual([])
  expect([await host.isReady('a', signal), await host.isMeasurable('a')]).toEqual([false, false])
})
