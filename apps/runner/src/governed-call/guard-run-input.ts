import type { CallIds, CallSubject } from './call-subject.ts'
import type { IdentifiedCall } from './identify.ts'

/** Whose call the guards look at. */
export interface GuardRunInput {
  readonly subject: CallSubject
  readonly ids: CallIds
  readonly identified: IdentifiedCall
}
