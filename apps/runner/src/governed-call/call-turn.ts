import type { RetryNotice } from '@ctxlock/contracts/provider'

import type { CallReply } from './call-reply.ts'
import type { CallIds, CallSubject } from './call-subject.ts'
import type { IdentifiedCall } from './identify.ts'
import type { RequestOptions } from './request-options.ts'

/** What whoever gives out turns knows of a call. */
export interface WaitingCall {
  readonly ids: CallIds
  readonly subject: CallSubject
  readonly identified: IdentifiedCall
  readonly options: Pick<RequestOptions, 'maxTokens'>
}

/** Records the intent and makes the call. */
export type MakeCall = (signal: AbortSignal, onRetry?: (notice: RetryNotice) => void) => Promise<CallReply>

/** Waits for a turn of the model and makes the call in it (MT-062). */
export type InTurn = (call: WaitingCall, make: MakeCall, signal: AbortSignal) => Promise<CallReply>
