import { describe, expect, it } from 'vitest'

import { canonicalReferenceId } from '@ctxlock/contracts/references'

import { referenceSubject } from './reference-subject.ts'

const HASH = 'a'.repeat(64)
const source = (changes: { hash?: string; selector?: string; id?: string }) =>
  canonicalReferenceId({ kind: 'source_ref', ref: { kind: 'span', id: 'file:a', ...changes } })
const entity = (selector?: string) =>
  canonicalReferenceId({
    kind: 'entity_ref',
    ref: { artefact_type: 'doc', artefact_id: 'a', ...(selector && { selector }) },
  })

describe('referenceSubject', () => {
  it('is the same target before and after a rebuild', () => {
    expect(referenceSubject(source({ hash: HASH }), 'target')).toBe(referenceSubject(source({}), 'target'))
    expect(referenceSubject(source({ selector: 'lines:1-2' }), 'target')).not.toBe(
      referenceSubject(source({}), 'target'),
    )
    expect(referenceSubject(entity('r1'), 'target')).not.toBe(referenceSubject(entity('r2'), 'target'))
  })

  it('is the same subject for a file and for lines of it, and another for another file', () => {
    const lines = source({ hash: HASH, selector: 'lines:1-2' })
    expect(referenceSubject(lines, 'subject')).toBe(referenceSubject(source({}), 'subject'))
    expect(referenceSubject(source({ id: 'file:b' }), 'subject')).not.toBe(referenceSubject(source({}), 'subject'))
    expect(referenceSubject(entity('r1'), 'subject')).toBe(referenceSubject(entity(), 'subject'))
  })

  it.each(['', 'not json', '{}', '"text"', 'null'])('takes %j as about itself only', (text) => {
    expect(referenceSubject(text, 'target')).toBe(text)
    expect(referenceSubject(text, 'subject')).toBe(text)
  })
})
