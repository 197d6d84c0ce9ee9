import { expect, test } from 'vitest'

import { EXIT_CODE } from './exit-code.ts'
import { asCommandError } from './failure.ts'

test('a broken installation is told apart from a bug, also when a thread noticed it', () => {
  const fromThread = structuredClone(new Error('Expected a.wasm of a-package 1.0.0; it cannot be read.'))
  const error = asCommandError(Object.assign(fromThread, { code: 'GRAMMAR_MISSING' }))
  expect(error).toMatchObject({ exit: EXIT_CODE.failed, code: 'GRAMMAR_MISSING' })
  expect(error.hint).toContain('install it again')
})
