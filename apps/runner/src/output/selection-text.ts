// What a selection decided, in words for a person; records keep the codes.
import type { RetrievalTrace } from '@ctxlock/contracts/retrieval'

const PLAIN: Readonly<Record<string, string>> = {
  source_changed: 'changed since it was indexed',
  source_missing: 'gone since it was indexed',
  source_unreadable: 'cannot be read',
  not_text: 'not text',
  no_such_range: 'ends before these lines',
  blank: 'blank lines only',
  trust_min: 'less trusted than the call asks for',
  not_exportable: 'not for a cloud model: `sources.exportable` does not name it',
  provenance_missing: 'nothing says where it comes from',
  'removed:left_out_by_person': 'left out by a person',
}

/** Why a candidate was left out (`reason` of the context plan). A budget that was used up is named as in the config. */
export function leftOutText(reason: string, trace: Pick<RetrievalTrace, 'budgets_applied' | 'spans'>): string {
  const budget = Object.entries(trace.budgets_applied).find(([name]) => name === reason)
  if (budget) return `no room: ${budget.join(' ')}`
  const plain = PLAIN[reason]
  if (plain !== undefined) return plain
  const [code = '', about = ''] = reason.split(':')
  const span = trace.spans.find(({ span_id, candidate_id }) => span_id === about || candidate_id === about)
  if (code === 'overlaps') return `overlaps ${span?.selector ?? 'what is included'}`
  if (code === 'same_text_as')
    return `the same text as ${span ? `${span.ref.id} ${span.selector}` : 'what is included'}`
  if (code === 'removed') return `removed by a guard: ${about.replaceAll('_', ' ')}`
  return reason.replaceAll('_', ' ')
}

/** What was cut (`truncation` of the context plan), by its place. */
export function cutText(flag: string, { spans }: Pick<RetrievalTrace, 'spans'>): string {
  const span = spans.find(({ span_id }) => flag === `span_truncated:${span_id}`)
  return span ? `${span.ref.id} after line ${span.end}` : flag
}
