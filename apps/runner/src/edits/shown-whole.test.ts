import { expect, test } from 'vitest'

import { shownWhole } from './shown-whole.ts'

type Span = Parameters<typeof shownWhole>[0]['spans'][number]

const span = (start: number, end: number, more: Partial<Span> = {}): Span => ({
  span_id: '00000000-0000-4000-8000-000000000001',
  candidate_id: 'a'.repeat(32),
  ref: { kind: 'span', id: 'file:src/a.ts', hash: 'b'.repeat(64) },
  selector: `lines:${start}-${end}`,
  start,
  end,
  token_estimate: 1,
  content_hash: 'c'.repeat(64),
  truncated: false,
  fetch_depth: 'snippet',
  ...more,
})
const TEXT = 'one\ntwo\n\nfour\n'

test.each([
  ['one span over all of it', [span(1, 4)], true],
  ['spans that leave out what is blank', [span(4, 4), span(1, 2)], true],
  ['nothing', [], false],
  ['its first lines', [span(1, 2)], false],
  ['another file', [span(1, 4, { ref: { kind: 'span', id: 'file:src/b.ts' } })], false],
  ['the beginning of a long line', [span(1, 2), span(4, 4, { truncated: true })], false],
] as const)('%s', (_, spans, whole) => {
  expect(shownWhole({ spans: [...spans] }, 'src/a.ts', TEXT)).toBe(whole)
})

test('an empty file has nothing to show', () => expect(shownWhole({ spans: [] }, 'src/a.ts', '')).toBe(true))
