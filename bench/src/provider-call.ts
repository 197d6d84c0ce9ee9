// One chat call on loopback through the clients people use, the adapter, and the whole governed call. The limit is a raw
// undici request for the same answer.
import { median, rounded } from './interleaved.ts'
import { startChatServer } from './provider-call/chat-server.ts'
import { adapterClient, aiSdkClient, langChainClient, openAiClient, rawClient } from './provider-call/clients.ts'
import type { Client } from './provider-call/clients.ts'
import { governedClient } from './provider-call/governed-client.ts'

export const name = 'provider-call'

export interface Row {
  readonly client: string
  /** Median milliseconds to the whole answer, and to the first piece of a streamed one. */
  readonly answer_ms: number
  readonly first_piece_ms: number
  /** Of the answer, to a raw request and to the AI SDK. */
  readonly to_limit: number
  readonly to_ai_sdk: number
}

const PROMPT = 'How is the checksum of a box computed? '.repeat(100)
const ROUNDS = 150

export function run(): Promise<{ readonly rows: Row[] }> {
  return compare(ROUNDS)
}

/** Every client once in every round, in turning order: once for a whole answer, once for a streamed one. */
export async function compare(rounds: number): Promise<{ readonly rows: Row[] }> {
  const server = await startChatServer()
  const clients: Readonly<Record<string, Client>> = {
    'undici (limit)': rawClient(server.origin),
    'ctxlock adapter': adapterClient(server.origin),
    openai: openAiClient(server.origin),
    'AI SDK': aiSdkClient(server.origin),
    LangChain: langChainClient(server.origin),
    'ctxlock governed call': await governedClient(server.origin),
  }
  const entries = Object.entries(clients).map(([client, made]) => ({
    client,
    made,
    answers: new Array<number>(),
    pieces: new Array<number>(),
  }))
  try {
    for (let round = -5; round < rounds; round += 1) {
      const shift = (round + 5) % entries.length
      for (const { made, answers, pieces } of [...entries.slice(shift), ...entries.slice(0, shift)]) {
        const [answer, piece] = [await wholeAnswer(made), await firstPiece(made)]
        // The first rounds warm up.
        if (round < 0) continue
        answers.push(answer)
        pieces.push(piece)
      }
    }
  } finally {
    for (const { made } of entries) await made.close()
    await server.close()
  }
  const timed = entries.map(({ client, answers, pieces }) => ({
    client,
    answer: median(answers),
    piece: median(pieces),
  }))
  const answerOf = (wanted: string): number => timed.find(({ client }) => client === wanted)?.answer ?? Number.NaN
  return {
    rows: timed.map(({ client, answer, piece }) => ({
      client,
      answer_ms: rounded(answer),
      first_piece_ms: rounded(piece),
      to_limit: rounded(answer / answerOf('undici (limit)')),
      to_ai_sdk: rounded(answer / answerOf('AI SDK')),
    })),
  }
}

async function wholeAnswer(client: Client): Promise<number> {
  const start = performance.now()
  await client.ask(PROMPT)
  return performance.now() - start
}

async function firstPiece(client: Client): Promise<number> {
  const start = performance.now()
  let first = Number.NaN
  await client.stream(PROMPT, () => {
    if (Number.isNaN(first)) first = performance.now() - start
  })
  return first
}
