import type { ModelSwapRequest } from '@ctxlock/contracts/model-swap'

import { SwapFailure } from './swap-failure.ts'
import type { SwapStateStore } from './swap-ports.ts'

/** No swap and no rollback unless what is stored is what was hashed (SWAP-007). Throws `SwapFailure`. */
export function demandState(state: SwapStateStore, { state_persist_refs, state_hash }: ModelSwapRequest): void {
  const hash = state.hash(state_persist_refs)
  if (hash === undefined)
    throw new SwapFailure('state_missing', 'An artifact that holds the state of the work is gone.')
  if (hash !== state_hash) {
    throw new SwapFailure('state_hash_mismatch', 'The stored state is not the one the request names.')
  }
}
