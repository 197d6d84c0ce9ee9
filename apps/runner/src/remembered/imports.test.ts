import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

/** What a module needs before it runs: types are erased, dynamic imports wait. */
function loadedBy(file: string, seen: Map<string, string>): void {
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) (?!type\b)[^;]*? from '([^']+)'/gm,
  )) {
    const target = specifier.startsWith('node:')
      ? specifier
      : fileURLToPath(import.meta.resolve(specifier, `file://${file}`))
    if (seen.has(target)) continue
    seen.set(target, specifier)
    if (target.endsWith('.ts')) loadedBy(target, seen)
  }
}

function foreignTo(file: string): string[] {
  const seen = new Map<string, string>()
  loadedBy(join(import.meta.dirname, file), seen)
  expect(seen.size).toBeGreaterThan(10)
  return [...new Set(seen.values())].filter((specifier) => !/^(?:\.|node:|@ctxlock\/)/.test(specifier))
}

test('a remembered answer needs neither schemas nor the command line', () => {
  expect(foreignTo('quick-command.ts')).toEqual(['ignore'])
})

test('the command line needs no schemas', () => {
  expect(foreignTo('../cli.ts')).toEqual(['commander'])
})
