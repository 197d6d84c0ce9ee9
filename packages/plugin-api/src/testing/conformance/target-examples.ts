/** The bytes of one good answer and what they say. */
export interface WireExample {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly text: string
}

/**
 * What the wire says beyond a chat, one example for each capability: it is there exactly when the capability is declared,
 * and the cases of that capability are played with it. All are bodies of whole answers, under the headers of `answer`.
 */
export interface TargetExamples {
  /** `stream`: a streamed answer to a chat. */
  readonly stream?: WireExample
  /** `complete` */
  readonly completion?: Pick<WireExample, 'body' | 'text'>
  /** `tools`: an answer that calls one tool. */
  calls?(call: { readonly name: string; readonly arguments: object }): string
  /** `tools` and `stream`: the same as the body of a stream, in as many pieces as servers make of it. */
  streamedCalls?(call: { readonly name: string; readonly arguments: object }): string
  /** `json_schema`: an answer with these words. */
  says?(text: string): string
  /** `reasoning`: an answer that tells its reasoning apart from its text. */
  readonly reasoned?: Pick<WireExample, 'body' | 'text'> & { readonly reasoning: string }
  /** `usage: 'provider'`: an answer with these counts; cached tokens are part of the input tokens. */
  counts?(counts: {
    readonly inputTokens: number
    readonly outputTokens: number
    readonly cachedInputTokens: number
  }): string
  /** `list` */
  models?(ids: readonly string[]): string
  /** `load`: answers to a load and to an unload, and the list of running models. */
  readonly loading?: { readonly loaded: string; readonly unloaded: string; running(ids: readonly string[]): string }
  /** `embed`: as many embeddings, in order. */
  embeddings?(vectors: readonly (readonly unknown[])[]): string
}

/** Which example belongs to which capability. */
export const EXAMPLE_OF = {
  stream: 'stream',
  complete: 'completion',
  tools: 'calls',
  json_schema: 'says',
  reasoning: 'reasoned',
  list: 'models',
  load: 'loading',
  embed: 'embeddings',
} as const satisfies Readonly<Record<string, keyof TargetExamples>>
