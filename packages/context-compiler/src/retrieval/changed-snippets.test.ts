import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { callOver } from '../../test/support/call.ts'
import { writeFile } from '../../test/support/workspace.ts'
import { changedSnippets } from './changed-snippets.ts'
import { retrieve } from './retrieve.ts'

test('what changed or went between reading and assembly is named, touched files are not (FG-011)', async () => {
  const files = { 'a.md': 'checksum a\n', 'b.md': 'checksum b\n', 'c.md': 'checksum c\n' }
  const call = callOver(files)
  const input = call.input()
  const { snippets } = await retrieve(input)
  expect(snippets).toHaveLength(3)
  expect(changedSnippets(snippets, input.reader)).toEqual([])
  writeFile(call.root, 'a.md', files['a.md'])
  writeFile(call.root, 'b.md', 'checksum b')
  rmSync(join(call.root, 'c.md'))
  const changed = snippets.filter(({ span }) => span.ref.id !== 'file:a.md').map(({ candidate_id }) => candidate_id)
  expect(changedSnippets(snippets, input.reader)).toEqual(changed)
})
