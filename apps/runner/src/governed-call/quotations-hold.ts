import type { QuotationCheck } from '@ctxlock/micro-task'

import type { CallSubject } from './call-subject.ts'

/** True when all that an answer quotes stands in its file; the answer of a verifier has to quote something (ACE-075). */
export function quotationsHold(
  subject: Pick<CallSubject, 'role'>,
  quotations: readonly Pick<QuotationCheck, 'status'>[],
): boolean {
  if (mustQuote(subject) && quotations.length === 0) return false
  return quotations.every(({ status }) => status === 'verified' || status === 'repaired')
}

export function mustQuote({ role }: Pick<CallSubject, 'role'>): boolean {
  return role.runtime_role === 'validator'
}
