import type { ChildResult } from '@ctxlock/contracts/micro-task-iteration'

import type { Session } from '../../session/session.ts'
import { oneLine } from '../one-line.ts'

export type RefusedChild = Extract<ChildResult, { status: 'refused' }>

/** Why a child makes no call, as records may hold it. */
export function refusal(
  session: Pick<Session, 'redactor' | 'timestamp'>,
  cause: RefusedChild['cause'],
  code: string,
  reason: string,
): RefusedChild {
  return { status: 'refused', cause, code, reason: oneLine(reason, session.redactor), at: session.timestamp() }
}
