import type { ChatRequest, CompletionRequest } from '../../../../../packages/contracts/src/provider.ts'

/** A client people use today, asked what the adapters are asked. */
export interface Peer {
  readonly name: string
  /** The wire it speaks, as the case file names it. */
  readonly provider: string
  /** The answer, or nothing where it has no such operation. */
  ask(question: Question, server: Server): Promise<PeerAnswer | undefined>
}

export type Question =
  | { readonly op: 'chat'; readonly request: ChatRequest }
  | { readonly op: 'complete'; readonly request: CompletionRequest }
  | { readonly op: 'embed'; readonly model: string; readonly texts: readonly string[]; readonly dimensions?: number }
  | { readonly op: 'models' }

export interface Server {
  readonly baseUrl: string
  readonly apiKey: string
  readonly maxRetries: number
  /** Aborts after the shortest time limit of the case, if it has any: these clients have no finer ones. */
  readonly signal: AbortSignal
}

/** What a client made of an answer; what it does not tell is absent. */
export interface PeerAnswer {
  readonly text?: string | undefined
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: unknown }[]
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly embeddings?: readonly (readonly number[])[]
  readonly models?: readonly string[]
}
