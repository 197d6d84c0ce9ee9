import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('every error code and every exported function stands in the README', async () => {
  const source = readFileSync(new URL('../src/pack-error.ts', import.meta.url), 'utf8')
  for (const [, code = ''] of source.matchAll(/^ {2}\| '([A-Z_]+)'$/gm)) expect(readme).toContain(`\`${code}\``)
  const api = await import('../src/index.ts')
  const functions = Object.entries(api).filter(([name, value]) => typeof value === 'function' && name !== 'PackError')
  for (const [name] of functions) expect(readme).toContain(name)
})
