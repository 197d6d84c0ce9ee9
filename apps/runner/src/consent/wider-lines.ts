import type { ConsentReceipt, ProjectionPlan } from '@ctxlock/contracts/consent'

import { QUESTION_WP_ID } from '../governed-call/call-subject.ts'
import { counted } from '../output/counted.ts'

/** What a consent to several calls covers beyond the bytes that are shown, for whoever gives it or looks at it (PROV-052, PROV-053). */
export function widerLines(receipt: ConsentReceipt, disclosed: ProjectionPlan): string[] {
  const { max_calls = 0, max_total_bytes = 0 } = receipt
  return [
    `covers     more than this call: ${counted(max_calls, 'call')} and ${max_total_bytes} bytes in all, within ${periodOf(receipt)}`,
    `           to ${disclosed.endpoint_origin} (provider ${disclosed.provider_id}, model ${disclosed.model_ids.join(', ')})`,
    `           for ${subjectOf(receipt)}`,
    `           with any lines of ${counted(disclosed.include_artifact_refs.length, 'source')} as they were at the approval, and our own text around them`,
  ]
}

function periodOf({ valid_from = '', valid_until = '' }: ConsentReceipt): string {
  return counted(Math.round((Date.parse(valid_until) - Date.parse(valid_from)) / 60_000), 'minute')
}

/** Every question of a workspace is of one work packet. */
function subjectOf({ consent_scope, session_ids = [], wp_id = '' }: ConsentReceipt): string {
  if (consent_scope !== 'WP_SCOPED') return `session ${session_ids.join(', ')}`
  return wp_id === QUESTION_WP_ID ? 'every question that is asked in this workspace' : `work packet ${wp_id}`
}
