import type { CloudEscalationBundle } from '@ctxlock/contracts/consent'
import type { CloudPermission } from '@ctxlock/governance'

/** What was let through, with the bundle it was let through by: it is judged once more before the bytes leave. */
export interface CoveredCall extends CloudPermission {
  readonly bundle: CloudEscalationBundle
}

export type CloudDecision =
  | { readonly allowed: true; readonly tier: 'local' }
  | (CoveredCall & { readonly tier: 'cloud' })
