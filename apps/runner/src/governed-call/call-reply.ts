import type { GenerationResult, ProviderError } from '@ctxlock/contracts/provider'

/** What came back for a call, or why nothing did. */
export type CallReply =
  | { readonly status: 'answered'; readonly result: GenerationResult }
  | { readonly status: 'failed'; readonly error: ProviderError }
