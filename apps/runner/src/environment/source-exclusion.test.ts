import { describe, expect, test } from 'vitest'

import { createSourceExclusion } from './source-exclusion.ts'

const generated = new TextEncoder().encode('// @generated\n')

describe('createSourceExclusion', () => {
  test('leaves out what nobody wrote by hand', () => {
    const exclusion = createSourceExclusion({ classes: [], paths: [] })
    expect(exclusion.ofPath('yarn.lock')).toBe('lock_file')
    expect(exclusion.ofContent('src/api.ts', generated)).toBe('generated')
    expect(exclusion.ofPath('src/api.ts')).toBeUndefined()
  })

  test('a kept class and a kept pattern are sources again', () => {
    const exclusion = createSourceExclusion({ classes: ['lock_file'], paths: ['vendor/ours/', '/src/api.ts'] })
    expect(exclusion.ofPath('yarn.lock')).toBeUndefined()
    expect(exclusion.ofPath('vendor/ours/a.go')).toBeUndefined()
    expect(exclusion.ofPath('vendor/theirs/a.go')).toBe('vendored')
    expect(exclusion.ofContent('src/api.ts', generated)).toBeUndefined()
    expect(exclusion.ofContent('lib/src/api.ts', generated)).toBe('generated')
  })
})
