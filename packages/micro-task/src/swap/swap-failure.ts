import type { SwapFailureReason, SwapReport } from '@ctxlock/contracts/model-swap'

type ErrorCode = NonNullable<SwapReport['error']>['code']

/** Why a swap did not come about. Ports may throw it to name their reason; the message is for people and holds no state. */
export class SwapFailure extends Error {
  override readonly name = 'SwapFailure'
  readonly reason: SwapFailureReason

  constructor(reason: SwapFailureReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }

  get code(): ErrorCode {
    return CODES[this.reason] ?? 'CX-MM-003'
  }
}

const CODES: Partial<Record<SwapFailureReason, ErrorCode>> = {
  tier_changed: 'JobBoundaryViolation',
  pack_missing: 'PACK_MISSING',
  constraints_weakened: 'PACK_CONSTRAINTS_WEAKENED',
}

/** What a port threw, as a failure of the phase it was called in. What it said may hold a server's words and is left out. */
export function asSwapFailure(error: unknown, reason: SwapFailureReason, message: string): SwapFailure {
  return error instanceof SwapFailure ? error : new SwapFailure(reason, message, { cause: error })
}
