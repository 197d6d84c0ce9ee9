import { readFileSync } from 'node:fs'

import { textHash } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { folding } from '../../test/support/ports.ts'
import { normaliseQuery } from './normalise-query.ts'

interface Vector {
  readonly name: string
  readonly input: string
  readonly normalised: string
  readonly normalized_query_hash: string
}

const file = new URL('../../../../vectors/query-normalisation/vectors.json', import.meta.url)
const { cases }: { readonly cases: readonly Vector[] } = JSON.parse(readFileSync(file, 'utf8'))

describe('query normalisation (T-ACE-RAG-001)', () => {
  test.each(cases)('$name', ({ input, normalised, normalized_query_hash }) => {
    const result = normaliseQuery(input, folding)
    expect(result).toBe(normalised)
    expect(textHash(result)).toBe(normalized_query_hash)
  })

  test('all spellings of one question share a hash, another question does not', () => {
    const hashes = (prefix: string) =>
      cases.filter(({ normalised }) => normalised === prefix).map((one) => one.normalized_query_hash)
    expect(hashes('what is x?').length).toBeGreaterThan(8)
    expect(new Set(hashes('what is x?')).size).toBe(1)
    expect(hashes('what is y?')).not.toContain(hashes('what is x?')[0])
  })

  test('is idempotent and holds neither controls, other white space, nor two spaces', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string())
    fc.assert(
      fc.property(text, (input) => {
        const once = normaliseQuery(input.toWellFormed(), folding)
        expect(normaliseQuery(once, folding)).toBe(once)
        expect(once).not.toMatch(/\p{Cc}| {2}|^ | $/u)
        expect(once.replaceAll(' ', '')).not.toMatch(/\p{White_Space}/u)
      }),
      { seed: 20261120, numRuns: 500 },
    )
  })
})
