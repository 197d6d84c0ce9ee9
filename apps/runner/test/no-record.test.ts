// Commands about what is recorded, where nothing is: they say so and leave the folder as it was.
import { readdirSync } from 'node:fs'

import { expect, test } from 'vitest'

import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace } from './support/workspace.ts'

test.each([
  ['show', 'last'],
  ['runs'],
  ['status'],
  ['doctor'],
  ['verify'],
  ['prove', '1'],
  ['replay', 'last'],
  ['rerun', 'last'],
  ['why-miss', 'last'],
  ['export', 'last'],
  ['report', 'last'],
  ['pause', 'last'],
  ['resume', 'last'],
  ['cancel', 'last'],
  ['continue', 'last'],
  ['skip', 'last'],
  ['abort', 'last'],
  ['apply', 'last'],
  ['consent', 'list'],
  ['consent', 'show', '0123abcd'],
  ['consent', 'approve', '0123abcd'],
  ['consent', 'deny', '0123abcd'],
  ['consent', 'revoke', '0123abcd'],
  ['erase', 'last'],
  ['erase'],
  ['retention'],
  ['retention', '--dry-run'],
])('%s %s makes no record', async (...args) => {
  const root = makeWorkspace({ 'a.md': '# A\n' })
  const before = readdirSync(root)
  expect(await ctxlockHere(args, root)).toMatchObject({ code: 2, error: { code: 'NOTHING_RECORDED' } })
  expect(readdirSync(root)).toEqual(before)
})
