// One chat call on loopback through the clients people use, the adapter, and the whole governed call. The limit is a raw
// undici request for the same answer; for a call that is on record it is that request between two commits that wait for the
// disk, which no governed call can do without (decisions/0033).
import { median, rounded } from './interleaved.ts'
import { startChatServer } from './provider-call/chat-server.ts'
import {
  adapterClient,
  aiSdkClient,
  aiSdkProviderClient,
  langChainClient,
  openAiClient,
  rawClient,
} from './provider-call/clients.ts'
import type { Client } from './provider-call/clients.ts'
import { durableClient } from './provider-call/durable-client.ts'
import { governedClient } from './provider-call/governed-client.ts'

export interface Row {
  readonly client: string
  /**
   * Median milliseconds to the whole answer, and to the first piece and the end of a streamed one. A governed call always
   * streams from its provider, so its whole answer is to be held against the streamed ones as well.
   */
  readonly answer_ms: number
  readonly first_piece_ms: number
  readonly streamed_ms: number
  /** Of the answer, to a raw request between two commits and to the AI SDK; of the first piece, to the AI SDK. */
  readonly to_limit: number
  readonly to_ai_sdk: number
  readonly first_piece_to_ai_sdk: number
}

const PROMPT = 'How is the checksum of a box computed? '.repeat(100)
const ROUNDS = 150
const LIMIT = 'undici and two durable commits (limit)'
const AI_SDK = 'AI SDK'

export function run(): Promise<{ readonly rows: Row[] }> {
  return compare(ROUNDS)
}

/** Every client once in every round, in turning order: once for a whole answer, once for a streamed one. */
export async function compare(rounds: number): Promise<{ readonly rows: Row[] }> {
  const server = await startChatServer()
  const clients: Readonly<Record<string, Client>> = {
    undici: rawClient(server.origin),
    [LIMIT]: durableClient(rawClient(server.origin)),
    'ctxlock adapter': adapterClient(server.origin),
    'ctxlock provider-ai-sdk': aiSdkProviderClient(server.origin),
    openai: openAiClient(server.origin),
    [AI_SDK]: aiSdkClient(server.origin),
    LangChain: langChainClient(server.origin),
    'ctxlock governed call': await governedClient(server.origin),
  }
  const entries = Object.entries(clients).map(([client, made]) => ({
    client,
    made,
    answers: new Array<number>(),
    pieces: new Array<number>(),
    ends: new Array<number>(),
  }))
  try {
    for (let round = -5; round < rounds; round += 1) {
      const shift = (round + 5) % entries.length
      for (const { made, answers, pieces, ends } of [...entries.slice(shift), ...entries.slice(0, shift)]) {
        const [answer, { piece, end }] = [await wholeAnswer(made), await streamed(made)]
        // The first rounds warm up.
        if (round < 0) continue
        answers.push(answer)
        pieces.push(piece)
        ends.push(end)
      }
    }
  } finally {
    for (const { made } of entries) await made.close()
    await server.close()
  }
  const timed = entries.map(({ client, answers, pieces, ends }) => ({
    client,
    answer: median(answers),
    piece: median(pieces),
    end: median(ends),
  }))
  const of = (wanted: string, what: 'answer' | 'piece'): number =>
    timed.find(({ client }) => client === wanted)?.[what] ?? Number.NaN
  return {
    rows: timed.map(({ client, answer, piece, end }) => ({
      client,
      answer_ms: rounded(answer),
      first_piece_ms: rounded(piece),
      streamed_ms: rounded(end),
      to_limit: rounded(answer / of(LIMIT, 'answer')),
      to_ai_sdk: rounded(answer / of(AI_SDK, 'answer')),
      first_piece_to_ai_sdk: rounded(piece / of(AI_SDK, 'piece')),
    })),
  }
}

async function wholeAnswer(client: Client): Promise<number> {
  const start = performance.now()
  await client.ask(PROMPT)
  return performance.now() - start
}

async function streamed(client: Client): Promise<{ readonly piece: number; readonly end: number }> {
  const start = performance.now()
  let piece = Number.NaN
  await client.stream(PROMPT, () => {
    if (Number.isNaN(piece)) piece = performance.now() - start
  })
  return { piece, end: performance.now() - start }
}
