import type { ProviderCase } from '../provider-case.ts'
import { aiSdkOllamaPeer, aiSdkPeer } from './ai-sdk-peer.ts'
import { ollamaPeer } from './ollama-peer.ts'
import { openAiPeer } from './openai-peer.ts'
import type { Peer } from './peer.ts'
import { playPeer } from './play-peer.ts'

export const PEERS: readonly Peer[] = [openAiPeer, aiSdkPeer, ollamaPeer, aiSdkOllamaPeer]

/** One line of the table: a client on the cases of its wire that it can play. */
export interface Comparison {
  readonly client: string
  readonly provider: string
  readonly played: number
  readonly passed: number
  readonly followedRedirects: number
  /** The adapter on the same cases, held to everything they expect. */
  readonly ctxlock: number
  readonly failed: readonly string[]
}

const AT_ONCE = 6

/** Plays the cases with every peer. `passedHere` are the cases the adapters pass. */
export async function comparePeers(
  cases: readonly ProviderCase[],
  apiKey: string,
  passedHere: ReadonlySet<string>,
): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = []
  for (const peer of PEERS) comparisons.push(await compare(peer, cases, apiKey, passedHere))
  return comparisons
}

async function compare(
  peer: Peer,
  cases: readonly ProviderCase[],
  apiKey: string,
  passedHere: ReadonlySet<string>,
): Promise<Comparison> {
  const passed = new Set<string>()
  const failed = new Set<string>()
  let followedRedirects = 0
  const queue = cases.filter(({ provider }) => provider === peer.provider)
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { outcome, trapConnections } = await playPeer(peer, next, apiKey)
      if (outcome === 'passed') passed.add(next.id)
      if (outcome === 'failed') failed.add(next.id)
      if (trapConnections > 0) followedRedirects += 1
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const played = [...passed, ...failed]
  return {
    client: peer.name,
    provider: peer.provider,
    played: played.length,
    passed: passed.size,
    followedRedirects,
    ctxlock: played.filter((id) => passedHere.has(id)).length,
    failed: [...failed].toSorted(),
  }
}
