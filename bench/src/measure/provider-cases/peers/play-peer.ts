import { isDeepStrictEqual } from 'node:util'

import { startFakeServer, startTrap } from '../../../../../packages/plugin-api/src/testing.ts'
import { countOf, listOf, objectOf, textOf } from '../../../../../packages/provider-kit/src/index.ts'
import { caseScript } from '../case-script.ts'
import type { ProviderCase } from '../provider-case.ts'
import { chatRequest, sampling } from '../run-operation.ts'
import type { Peer, PeerAnswer, Question } from './peer.ts'

/** `not played`: the client has no such operation, or might connect where the case forbids it. */
export type PeerOutcome = 'passed' | 'failed' | 'not played'

export interface PeerPlay {
  readonly outcome: PeerOutcome
  /** Connections to the host a redirect pointed at. */
  readonly trapConnections: number
}

// Longer than the waits and pauses of any case, retries included; who is not done by then hangs.
const PATIENCE_MS = 20_000

/** Plays one case with a peer and scores it leniently: any failure will do where one is expected. */
export async function playPeer(peer: Peer, providerCase: ProviderCase, apiKey: string): Promise<PeerPlay> {
  const { provider, input, options, expect, noNetwork } = providerCase
  const question = questionOf(input)
  if (question === undefined || noNetwork || options['apiKey'] !== undefined || options['baseUrl'] !== undefined)
    return { outcome: 'not played', trapConnections: 0 }
  const trap = await startTrap()
  const server = await startFakeServer(caseScript(providerCase, trap.port))
  if (providerCase.transport === 'refuse') await server.close()
  const limits = Object.values(objectOf(options['timeouts'])).map(Number)
  const given =
    options['abortBefore'] === true
      ? AbortSignal.abort()
      : limits.length > 0
        ? AbortSignal.timeout(Math.min(...limits))
        : undefined
  const end = new AbortController()
  const signal = given ?? end.signal
  const baseUrl = server.origin + (provider === 'ollama' ? '' : '/v1')
  try {
    const asked = peer.ask(question, { baseUrl, apiKey, maxRetries: countOf(options['maxRetries']) ?? 0, signal })
    return { outcome: await judged(asked, expect, given), trapConnections: trap.connections }
  } finally {
    end.abort()
    await server.close()
    await trap.close()
  }
}

async function judged(
  asked: Promise<PeerAnswer | undefined>,
  expect: ProviderCase['expect'],
  limit: AbortSignal | undefined,
): Promise<PeerOutcome> {
  const hung = Symbol('hung')
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<typeof hung>((resolve) => {
    timer = setTimeout(() => resolve(hung), PATIENCE_MS)
  })
  try {
    const answer = await Promise.race([asked, patience])
    if (answer === undefined) return 'not played'
    // Some end a stream that was aborted without a word; the limit was ours, so it counts as thrown.
    limit?.throwIfAborted()
    return answer !== hung && expect['ok'] === true && says(answer, expect) ? 'passed' : 'failed'
  } catch {
    return expect['ok'] === false ? 'passed' : 'failed'
  } finally {
    clearTimeout(timer)
  }
}

/** Compares only what both sides tell: words, calls, vectors, names, and counts that the case knows. */
function says(answer: PeerAnswer, expect: ProviderCase['expect']): boolean {
  const usage = objectOf(expect['usage'])
  const calls = expect['toolCalls']
  const pairs: readonly (readonly [unknown, unknown])[] = [
    [expect['text'], answer.text],
    [
      calls === undefined ? undefined : listOf(calls).map((call) => [objectOf(call)['name'], objectOf(call)['args']]),
      answer.toolCalls?.map((call) => [call.name, call.arguments]),
    ],
    [expect['embeddings'], answer.embeddings],
    [expect['models'], answer.models],
    [countOf(usage['inputTokens']), answer.inputTokens],
    [countOf(usage['outputTokens']), answer.outputTokens],
  ]
  return pairs.every(([wanted, got]) => wanted === undefined || got === undefined || isDeepStrictEqual(got, wanted))
}

function questionOf(input: ProviderCase['input']): Question | undefined {
  const dimensions = countOf(input['dimensions'])
  if (input['op'] === 'chat') return { op: 'chat', request: chatRequest(input) }
  if (input['op'] === 'complete')
    return { op: 'complete', request: { ...sampling(input), prompt: textOf(input['prompt']) ?? '' } }
  if (input['op'] === 'models') return { op: 'models' }
  if (input['op'] !== 'embed') return undefined
  const texts = listOf(input['input']).filter((text) => typeof text === 'string')
  return {
    op: 'embed',
    model: textOf(input['model']) ?? 'm1',
    texts,
    ...(dimensions === undefined ? {} : { dimensions }),
  }
}
