import { symlinkSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { makeWorkspace } from '../../test/support/workspace.ts'
import { entryAt } from './entry-at.ts'

test('what stands at a path, and every way in which nothing can', () => {
  const root = makeWorkspace({ 'file.md': 'one\n' })
  symlinkSync('loop', join(root, 'loop'))
  const [file, loop] = ['file.md', 'loop'].map((path) => entryAt(join(root, path)))
  expect(file).toMatchObject({ size: 4 })
  expect(loop).not.toBeTypeOf('string')
  for (const path of ['none', 'file.md/below', 'loop/below', 'x'.repeat(300)])
    expect(entryAt(join(root, path)), path).toBe('missing')
})
