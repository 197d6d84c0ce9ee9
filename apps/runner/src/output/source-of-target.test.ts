import { canonicalReferenceId } from '@ctxlock/contracts/references'
import { expect, test } from 'vitest'

import { sourceOfTarget } from './source-of-target.ts'

test('the target of a pack is named by its source', () => {
  const ref = { kind: 'span', id: 'file:docs/a "b".md', hash: 'a'.repeat(64) } as const
  expect(sourceOfTarget(canonicalReferenceId({ kind: 'source_ref', ref }))).toBe('file:docs/a "b".md')
  for (const target of ['file:["source_ref",', '["artifact_handle","a","b"]', '["source_ref",'])
    expect(sourceOfTarget(target)).toBe(target)
})
