import type { CallIds, CallSubject } from '../call-subject.ts'
import type { CalledModel, IdentifiedCall } from '../identify.ts'

/** The call that guards judge. */
export interface JudgedCall {
  readonly subject: CallSubject
  readonly ids: Pick<CallIds, 'jobId' | 'parentJobId'>
  readonly identified: Pick<CalledModel, 'model'>
}

/** Whose call the guards look at. */
export interface GuardRunInput extends JudgedCall {
  readonly ids: CallIds
  readonly identified: IdentifiedCall
}
