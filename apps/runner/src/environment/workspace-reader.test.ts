import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { isOwnPath } from './own-path.ts'
import { createWorkspaceReader } from './workspace-reader.ts'

const outside = mkdtempSync(join(tmpdir(), 'ctxlock-reader-'))
const root = join(outside, 'workspace')
mkdirSync(root)
const reader = createWorkspaceReader(root)
afterAll(() => rmSync(outside, { recursive: true }))

test('no way leads out of the workspace or into our own files', () => {
  writeFileSync(join(outside, 'secret'), 'secret')
  mkdirSync(join(root, '.ctxlock'))
  writeFileSync(join(root, '.ctxlock/digest.key'), 'key')
  symlinkSync('../secret', join(root, 'outer'))
  symlinkSync('.ctxlock/digest.key', join(root, 'own'))
  for (const path of ['outer', 'own', '../secret', '.ctxlock/digest.key']) {
    expect(reader.read(path)).toEqual({ status: 'outside_workspace' })
    expect(reader.lend?.(path, () => 'used')).toEqual({ status: 'outside_workspace' })
  }
})

test('our folder and git’s are known in any case and at any depth, and nothing else is', () => {
  expect(['.git', 'a/.GIT/config', '.ctxlock\\x', 'a/b/.ctxlock'].map(isOwnPath)).toEqual([true, true, true, true])
  expect(['.gitignore', 'a.git', 'ctxlock/x', '.github/x'].map(isOwnPath)).toEqual([false, false, false, false])
})
