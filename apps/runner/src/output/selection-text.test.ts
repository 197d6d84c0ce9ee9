import { DEFAULT_RETRIEVAL_BUDGETS, type RetrievalTrace } from '@ctxlock/contracts/retrieval'
import { expect, test } from 'vitest'

import { cutText, leftOutText } from './selection-text.ts'

const CANDIDATE = 'c'.repeat(32)
const span: RetrievalTrace['spans'][number] = {
  span_id: 's-0123456789ab',
  candidate_id: CANDIDATE,
  ref: { kind: 'doc_block', id: 'file:a.md', hash: 'a'.repeat(64), selector: 'lines:1-9' },
  selector: 'lines:1-9',
  start: 1,
  end: 9,
  token_estimate: 20,
  content_hash: 'b'.repeat(64),
  truncated: true,
  fetch_depth: 'snippet',
}
const trace = { spans: [span], budgets_applied: DEFAULT_RETRIEVAL_BUDGETS }

test.each([
  ['max_snippets_per_source', 'no room: max_snippets_per_source 2'],
  ['max_total_evidence_tokens', 'no room: max_total_evidence_tokens 1200'],
  ['overlaps:s-0123456789ab', 'overlaps lines:1-9'],
  ['overlaps:s-gone', 'overlaps what is included'],
  [`same_text_as:${CANDIDATE}`, 'the same text as file:a.md lines:1-9'],
  ['removed:injection_suspected', 'removed by a guard: injection suspected'],
  ['removed:left_out_by_person', 'left out by a person'],
  ['source_changed', 'changed since it was indexed'],
  ['content_tier_allowlist', 'content tier allowlist'],
])('%s is told as %s', (reason, text) => {
  expect(leftOutText(reason, trace)).toBe(text)
})

test('a cut names file and line; a flag of no span stays', () => {
  expect(cutText('span_truncated:s-0123456789ab', trace)).toBe('file:a.md after line 9')
  expect(cutText('span_truncated:s-other', trace)).toBe('span_truncated:s-other')
})
