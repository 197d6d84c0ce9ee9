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
    expect(run.stdout).toMatch(
      /^\/objects\/[0-9a-f]{64} \{"checked":3\}\n\/encrypted\/[0-9a-f]{64} false what the user asked\n$/,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
