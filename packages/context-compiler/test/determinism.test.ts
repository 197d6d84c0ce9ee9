import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { makeWorkspace } from './support/workspace.ts'

const script = fileURLToPath(new URL('support/compile-once.ts', import.meta.url))
const files = {
  'a.md': '# Prüfsumme\n\nDie Prüfsumme einer Kiste.\n',
  'b.md': 'Ein Depot.\r\nI i İ ı ß\r\n',
  'ä/z.md': 'Prüfsumme, noch einmal.\n',
  'Z.md': 'Kiste und Prüfsumme\n',
}

function compileIn(
  environment: Readonly<Record<string, string>>,
  order: readonly (keyof typeof files)[],
  start: string,
): string {
  const root = makeWorkspace(Object.fromEntries(order.map((path) => [path, files[path]])))
  const options = { cwd: root, env: { PATH: process.env.PATH ?? '', ...environment }, encoding: 'utf8' as const }
  return execFileSync(process.execPath, [script, root, start], options)
}

test('a strict call has the same hashes in another folder, time zone and locale, for files created in another order (T-ACE-MIN-01)', () => {
  const here = compileIn({ TZ: 'UTC', LC_ALL: 'C' }, ['a.md', 'b.md', 'ä/z.md', 'Z.md'], '0')
  const there = compileIn(
    { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
    ['Z.md', 'ä/z.md', 'b.md', 'a.md'],
    '500',
  )
  expect(there).toBe(here)
  expect(JSON.parse(here)).toMatchObject({
    messages: [{ role: 'system' }, { content: expect.stringContaining('Die Prüfsumme einer Kiste.') }],
  })
})
