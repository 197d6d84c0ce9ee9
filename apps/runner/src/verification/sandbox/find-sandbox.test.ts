import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { removeAbandonedProbes } from './find-sandbox.ts'

const OLD = new Date('2020-01-01T00:00:00Z')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ctxlock-test-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

function leave(name: string, age: Date): void {
  mkdirSync(join(folder, name, 'inner'), { recursive: true })
  writeFileSync(join(folder, name, 'inner', 'inside'), '')
  utimesSync(join(folder, name), age, age)
}

test('the folder of a probe that was killed goes, that of one under way stays, and so does what only looks like it', () => {
  leave('ctxlock-sandbox-killed', OLD)
  leave('ctxlock-sandbox-new', new Date())
  leave('ctxlock-other', OLD)
  leave('kept', OLD)
  symlinkSync(join(folder, 'kept'), join(folder, 'ctxlock-sandbox-link'))
  writeFileSync(join(folder, 'ctxlock-sandbox-file'), '')
  utimesSync(join(folder, 'ctxlock-sandbox-file'), OLD, OLD)
  removeAbandonedProbes(folder)
  expect(readdirSync(folder).toSorted()).toEqual([
    'ctxlock-other',
    'ctxlock-sandbox-file',
    'ctxlock-sandbox-link',
    'ctxlock-sandbox-new',
    'kept',
  ])
  expect(readdirSync(join(folder, 'kept'))).toEqual(['inner'])
})

test.skipIf(process.getuid === undefined)('the folder of another person stays', () => {
  leave('ctxlock-sandbox-killed', OLD)
  vi.spyOn(process, 'getuid').mockReturnValue(4_294_967_000)
  removeAbandonedProbes(folder)
  expect(readdirSync(folder)).toEqual(['ctxlock-sandbox-killed'])
})
