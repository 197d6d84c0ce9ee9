import type {
  ChatRequest,
  GenerationResult,
  LlmClient,
  SendOptions,
} from '../../../../packages/contracts/src/provider.ts'

/** The server under test, and how to ask it. */
export interface RealServer {
  readonly url: string
  readonly model: string
  readonly client: LlmClient
  chat(words: string, options?: Partial<ChatRequest>, send?: SendOptions): Promise<GenerationResult>
}

/** One thing a server must show. Rejects when it does not; what it returns is shown in the report. */
export interface Check {
  readonly name: string
  run(server: RealServer): Promise<object>
}
