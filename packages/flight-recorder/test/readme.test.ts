import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const example = join(import.meta.dirname, 'readme-example.ts')

test('the example of the README is the one that runs', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  expect(readme).toContain(`\`\`\`ts\n${readFileSync(example, 'utf8')}\`\`\``)

  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-readme-'))
  try {
    const run = spawnSync(process.execPath, [example], { cwd: folder, encoding: 'utf8' })
    expect(run.stderr).toBe('')
    expect(run.stdout.split('\n')).toEqual([
      'intact',
      'run_end is event 2 of 2',
      '[',
      "  { state: 'intact', from: 1, to: 1 },",
      "  { state: 'missing', from: 2, to: 2 }",
      ']',
      '',
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
