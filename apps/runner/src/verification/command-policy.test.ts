import { chmodSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

import { expect, test } from 'vitest'

import { makeWorkspace } from '../../test/support/workspace.ts'
import { judgeCommand, trustedSearchPath } from './command-policy.ts'

const node = dirname(process.execPath)
const policy = {
  allowed: new Set(['node', 'git', 'rm', 'nowhere-to-be-found']),
  searchPath: [node, '/usr/bin', '/bin'],
}

function codeOf(command: string) {
  const judged = judgeCommand(command, policy)
  return judged.ok ? judged.args : judged.refusal.code
}

test('a program is taken by its bare name from a folder of PATH', () => {
  expect(judgeCommand('node --version', policy)).toEqual({
    ok: true,
    executable: join(node, 'node'),
    args: ['--version'],
  })
})

test.each([
  ['python3 x.py', 'COMMAND_NOT_ALLOWED'],
  ['./node x', 'COMMAND_NOT_ALLOWED'],
  ['/usr/bin/node x', 'COMMAND_NOT_ALLOWED'],
  ['../node x', 'COMMAND_NOT_ALLOWED'],
  ['node x; rm y', 'COMMAND_MALFORMED'],
  ['nowhere-to-be-found', 'EXECUTABLE_MISSING'],
  ['rm -rf .', 'COMMAND_DESTRUCTIVE'],
  ['rm -fR x', 'COMMAND_DESTRUCTIVE'],
  ['rm --recursive x', 'COMMAND_DESTRUCTIVE'],
  ['git reset --hard', 'COMMAND_DESTRUCTIVE'],
  ['git clean -xdf', 'COMMAND_DESTRUCTIVE'],
  ['git checkout -- .', 'COMMAND_DESTRUCTIVE'],
  ['git push origin main', 'COMMAND_DESTRUCTIVE'],
  ['git -C .. status', 'COMMAND_DESTRUCTIVE'],
  ['git -c core.hooksPath=x commit', 'COMMAND_DESTRUCTIVE'],
  ['git config core.pager x', 'COMMAND_DESTRUCTIVE'],
])('%s: %s', (command, code) => expect(codeOf(command)).toBe(code))

test('git that only looks may run', () => expect(codeOf('git diff --stat')).toEqual(['diff', '--stat']))

test('a program of the workspace is none, by whatever folder of PATH it is reached', () => {
  const root = makeWorkspace({ 'node_modules/.bin/node': '#!/bin/sh\n' })
  chmodSync(join(root, 'node_modules/.bin/node'), 0o755)
  const linked = makeWorkspace({})
  symlinkSync(join(root, 'node_modules/.bin'), join(linked, 'bin'))
  const path = [join(root, 'node_modules/.bin'), join(linked, 'bin'), '.', '', 'bin', join(root, 'gone'), node]
  expect(trustedSearchPath(path.join(delimiter), root)).toEqual([node])
})
