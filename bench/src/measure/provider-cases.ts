// Plays a file of wire exchanges against the real adapters and scores everything the file expects of them.
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import { isObject, listOf } from '../../../packages/provider-kit/src/index.ts'
import { scoreAspects } from './provider-cases/aspects.ts'
import { createAiSdkClient, createClient, type CreateClient } from './provider-cases/clients.ts'
import type { Comparison } from './provider-cases/peers/compare-peers.ts'
import { playCase } from './provider-cases/play-case.ts'
import { scoreCase } from './provider-cases/score-case.ts'
import type { ProviderCase } from './provider-cases/provider-case.ts'
import { readCase } from './provider-cases/provider-case.ts'

// Most cases wait for timers or sockets, not for the processor.
const AT_ONCE = 8

export interface Result {
  readonly total: number
  readonly passed: number
  readonly failed: readonly string[]
  readonly aspects: ReturnType<typeof scoreAspects>
  /** Clients people use today on the same cases, scored leniently. */
  readonly peers?: readonly Comparison[]
}

/**
 * `--cases FILE`, `--through ai-sdk` to play them with the AI SDK's providers behind `provider-ai-sdk`, `--explain` to print on
 * stderr why a case failed, `--peers` for the table beside other clients.
 */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string' },
      through: { type: 'string', default: 'adapters' },
      explain: { type: 'boolean' },
      peers: { type: 'boolean' },
    },
  })
  if (values.cases === undefined) throw new Error('Expected --cases FILE.')
  const client = values.through === 'ai-sdk' ? createAiSdkClient : createClient
  const file: unknown = JSON.parse(await readFile(values.cases, 'utf8'))
  if (!isObject(file)) throw new Error('Expected the case file to hold one JSON object.')
  const apiKey = typeof file['apiKey'] === 'string' ? file['apiKey'] : 'sk-test'
  const cases = listOf(file['cases']).map(readCase)
  const faults = new Map<string, readonly string[]>()
  const queue = [...cases]
  await Promise.all(Array.from({ length: AT_ONCE }, () => work(queue, apiKey, client, faults)))
  const faultsOf = (id: string): readonly string[] => faults.get(id) ?? ['not played']
  const failed = cases.map(({ id }) => id).filter((id) => faultsOf(id).length > 0)
  if (values.explain) for (const id of failed) console.error(`${id}: ${faultsOf(id).join('; ')}`)
  const aspects = scoreAspects(cases, faultsOf)
  const score = { total: cases.length, passed: cases.length - failed.length, failed, aspects }
  if (!values.peers) return score
  const { comparePeers } = await import('./provider-cases/peers/compare-peers.ts')
  const passed = new Set(cases.map(({ id }) => id).filter((id) => !failed.includes(id)))
  const peers = await comparePeers(cases, apiKey, passed)
  console.table(peers.map(({ failed: ids, ...row }) => ({ ...row, failed: ids.length })))
  return { ...score, peers }
}

async function work(
  queue: ProviderCase[],
  apiKey: string,
  client: CreateClient,
  faults: Map<string, readonly string[]>,
): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    faults.set(next.id, scoreCase(next, await playCase(next, apiKey, client)))
  }
}
