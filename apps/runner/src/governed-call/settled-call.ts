import type { GenerationResult } from '@ctxlock/contracts/provider'
import type { QuotationCheck } from '@ctxlock/micro-task'

/** What a call came to, once its answer was checked. */
export interface SettledCall {
  readonly outcome: 'accepted' | 'accepted_with_issues' | 'failed'
  readonly answer: string
  readonly quotations: readonly QuotationCheck[]
  readonly result: GenerationResult | undefined
}
