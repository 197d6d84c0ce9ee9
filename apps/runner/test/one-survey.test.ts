// Lock, check, why and calls agree on what a source is, whatever lies in the tree (decisions/0008, 0026).
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { readLockfile } from '../src/lock/lockfile-file.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

/** What the lockfile states of a path, as a source or as left out. */
function statedOf(root: string, path: string): string | undefined {
  const { sources, excluded } = readLockfile(root)
  if (sources.some((source) => source.path === path)) return 'source'
  return excluded.find((entry) => entry.path === path)?.reason
}

/** The first line that `why` says. */
async function whyOf(root: string, path: string): Promise<string> {
  return (await ctxlockHere(['why', join(root, path)], root)).stdout.split('\n')[0] ?? ''
}

test('governance text is no source for anybody, by whatever link and although it is kept (CP-007)', async () => {
  const root = makeWorkspace({
    ...SMALL_WORKSPACE,
    '.GOV/codex.md': '# Codex\n\nA zeppelin MUST be painted.\n',
    'docs/guide.md': '# Guide\n\nA zeppelin flies.\n',
    'ctxlock.config.json': '{ "schema_version": "ctxlock.config@1", "sources": { "keep": { "paths": [".GOV/"] } } }',
  })
  symlinkSync('.GOV/codex.md', join(root, 'codex.md'))
  expect((await ctxlockHere(['lock'], root)).code).toBe(0)
  expect(['.GOV/codex.md', 'codex.md', 'docs/guide.md'].map((path) => statedOf(root, path))).toEqual([
    'governance_text',
    'symlink_to_excluded',
    'source',
  ])
  expect((await ctxlockHere(['check'], root)).code).toBe(0)
  expect(await whyOf(root, '.GOV/codex.md')).toBe('.GOV/codex.md: left out, governance text')
  const asked = await ctxlockHere(['ask', 'Must a zeppelin be painted?'], root)
  expect(asked.stdout).toContain('docs/guide.md')
  expect(asked.stdout).not.toContain('codex.md')
  expect((await ctxlockHere(['check'], root)).code).toBe(0)
})
