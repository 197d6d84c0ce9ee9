import { expect, test } from 'vitest'

import { notReadOf, printLock } from './lock-report.ts'

const REPORT = {
  lock_hash: 'a'.repeat(64),
  sources: 1,
  packed: 1,
  excluded: 3,
  rules: 0,
  tasks: 0,
  dropped_tasks: [],
  tokens: 1,
}

test('a source whose bytes were not to be had is named, in text and in JSON (CP-021)', () => {
  const excluded = [
    { path: 'closed.md', reason: 'unreadable' },
    { path: 'lib.min.js', reason: 'minified' },
    { path: 'written.md', reason: 'changed_during_read' },
    ...['PACK_SOURCE_UNSTABLE', 'missing', 'outside_root'].map((reason) => ({ path: `${reason}.md`, reason })),
  ]
  const lines: string[] = []
  const results: object[] = []
  printLock(
    {
      json: false,
      progress() {},
      event() {},
      line: (text = '') => void lines.push(text),
      result: (value) => void results.push(value),
    },
    REPORT,
    { notRead: notReadOf({ excluded }), workspace: [], isInGit: false },
  )
  const named = ['closed.md', 'written.md', 'PACK_SOURCE_UNSTABLE.md', 'missing.md', 'outside_root.md']
  expect(results).toEqual([expect.objectContaining({ not_read: excluded.filter(({ path }) => named.includes(path)) })])
  const said = lines.join('\n')
  expect(said).toContain('left out   closed.md: it is there and cannot be read')
  expect(said).toContain('left out   written.md: it was written to each time it was read; lock again')
  for (const path of named) expect(said).toContain(`left out   ${path}: `)
  expect(said).not.toContain('lib.min.js')
})
