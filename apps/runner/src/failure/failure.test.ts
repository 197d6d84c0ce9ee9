import { ArtifactError } from '@ctxlock/artifact-store'
import { PackError } from '@ctxlock/context-pack'
import { EngineError } from '@ctxlock/contracts/engine'
import { RecorderError } from '@ctxlock/flight-recorder'
import { GovernanceError } from '@ctxlock/governance'
import { MicroTaskError } from '@ctxlock/micro-task'
import { describe, expect, it, test } from 'vitest'

import { EXIT_CODE } from '../exit-code.ts'
import { asCommandError } from './failure.ts'

test('a broken installation is told apart from a bug, also when a thread noticed it', () => {
  const fromThread = structuredClone(new Error('Expected a.wasm of a-package 1.0.0; it cannot be read.'))
  const error = asCommandError(Object.assign(fromThread, { code: 'GRAMMAR_MISSING' }))
  expect(error).toMatchObject({ exit: EXIT_CODE.failed, code: 'GRAMMAR_MISSING' })
  expect(error.hint).toContain('install it again')
})

describe('advice', () => {
  it.each([
    new GovernanceError('TABLES_NEWER', ''),
    new EngineError('SCHEMA_NEWER', ''),
    new ArtifactError('ARTIFACT_STORE_VERSION', ''),
    new PackError('PACK_CACHE_UNSUPPORTED', ''),
    new RecorderError('HSK-409-LOG-VERSION', ''),
  ])('for state of a newer release is that release: $code', (error) => {
    expect(asCommandError(error)).toMatchObject({
      exit: EXIT_CODE.usage,
      code: error.code,
      hint: expect.stringContaining('release'),
    })
  })

  it.each([
    new GovernanceError('REGISTRY_ALTERED', ''),
    new GovernanceError('PROFILE_ALTERED', ''),
    new GovernanceError('RECEIPT_ALTERED', ''),
    new GovernanceError('REQUEST_ALTERED', ''),
    new EngineError('STATE_CORRUPT', ''),
    new MicroTaskError('SWAP_RECORD_DAMAGED', ''),
  ])('for a damaged row is a backup, and the exit says that it does not verify: $code', (error) => {
    expect(asCommandError(error)).toMatchObject({
      exit: EXIT_CODE.verificationFailed,
      code: error.code,
      hint: expect.stringContaining('backup'),
    })
  })

  it('names the disk where a full one is the reason', () => {
    const cause = Object.assign(new Error('full'), { code: 'ENOSPC' })
    for (const error of [
      new RecorderError('HSK-500-DB', 'failed', { cause }),
      new ArtifactError('ARTIFACT_STORE_FAILED', 'failed', { cause }),
    ]) {
      expect(asCommandError(error)).toMatchObject({
        exit: EXIT_CODE.failed,
        hint: expect.stringContaining('disk is full'),
      })
    }
  })

  it('puts the problems of a package on one line', () => {
    const error = new GovernanceError('PROFILE_INVALID', 'The work profile was refused:', ['a: wrong', 'b: missing'])
    expect(asCommandError(error).message).toBe('The work profile was refused: a: wrong; b: missing')
  })
})

test.each([
  [{ code: 'EISDIR', syscall: 'rename' }, 'folder'],
  [{ code: 'ENOTDIR', syscall: 'open' }, 'folder'],
  [{ code: 'ENAMETOOLONG', syscall: 'open' }, 'shorter'],
  [{ code: 'ELOOP', syscall: 'open' }, 'link'],
  [{ code: 'EACCES', syscall: 'scandir' }, 'Allow reading;'],
  [{ code: 'EACCES', syscall: 'mkdir' }, 'Allow writing;'],
])('what a disk refused is not always about space: %o', (properties, advice) => {
  const { exit, hint } = asCommandError(Object.assign(new Error('refused'), properties))
  expect(exit).toBe(EXIT_CODE.failed)
  expect(hint).toContain(advice)
  expect(hint).not.toContain('space')
})
