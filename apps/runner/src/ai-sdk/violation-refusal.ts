import type { EventDraft } from '@ctxlock/contracts/events'
import { canonicalHash } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Session } from '../session/session.ts'
import type { SdkCall, SdkRefusal } from './sdk-call.ts'
import { violationEvent } from '../governed-call/violation-event.ts'

type Violation = Extract<EventDraft, { type: 'security_violation' }>['payload']

interface Finding {
  readonly code: string
  /** What was found where, in words of ours. */
  readonly what: string
  readonly hint: string
  readonly found: Pick<Violation, 'violation_type' | 'severity' | 'guard' | 'error_code' | 'matches'>
}

/** The refusal of a call for what a guard found, with its security event (REC-019). */
export function violationRefusal(session: Session, call: SdkCall, { code, what, hint, found }: Finding): SdkRefusal {
  const message = `the model ${call.model} was not called: ${what}`
  return {
    error: new CommandError({ exit: EXIT_CODE.refused, code, message, hint }),
    event: (base) =>
      violationEvent(session, base, {
        ...found,
        action_taken: 'blocked',
        job_state_to: 'failed',
        context_snapshot_id: null,
        idempotency_key: canonicalHash([call.callId, found.violation_type, found.guard]),
      }),
  }
}
