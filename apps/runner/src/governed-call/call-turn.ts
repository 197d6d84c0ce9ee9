import type { RetryNotice } from '@ctxlock/contracts/provider'

import type { CallReply } from './call-provider.ts'
import type { PreparedGovernedCall } from './governed-call.ts'

/** What whoever gives out turns knows of a call. */
export type WaitingCall = Pick<PreparedGovernedCall, 'ids' | 'subject' | 'identified' | 'options'>

/** Records the intent and makes the call. */
export type MakeCall = (signal: AbortSignal, onRetry?: (notice: RetryNotice) => void) => Promise<CallReply>

/** Waits for a turn of the model and makes the call in it (MT-062). */
export type InTurn = (call: WaitingCall, make: MakeCall, signal: AbortSignal) => Promise<CallReply>
