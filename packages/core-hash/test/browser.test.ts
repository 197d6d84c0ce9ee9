import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import * as browserEntry from '../src/browser.ts'
import * as nodeEntry from '../src/index.ts'
import { vectorFiles } from './vector-files.ts'
import { vectorResults } from './vector-results.ts'

test('nothing the entry loads imports a module of Node', () => {
  const seen = new Set<string>()
  const visit = (url: string): void => {
    if (seen.has(url)) return
    seen.add(url)
    if (!url.startsWith('file:')) return
    const code = readFileSync(fileURLToPath(url), 'utf8')
    for (const [, specifier = ''] of code.matchAll(/^(?:import|export)\b(?!\s+type)[^'";]*?from\s+['"]([^'"]+)['"]/gm))
      visit(specifier.startsWith('.') ? new URL(specifier, url).href : import.meta.resolve(specifier))
  }
  visit(new URL('../src/browser.ts', import.meta.url).href)
  expect([...seen].filter((url) => !url.startsWith('file:'))).toEqual([])
  expect([...seen].some((url) => url.includes('@noble'))).toBe(true)
  expect(seen.size).toBeGreaterThan(15)
})

test('it gives the text, hashes and errors of the Node entry, in a host that has neither process nor Buffer', () => {
  const expected = vectorResults(nodeEntry, vectorFiles)
  expect(expected.length).toBeGreaterThan(250)
  expect(vectorResults(browserEntry, vectorFiles)).toEqual(expected)
  const printed = execFileSync(process.execPath, [fileURLToPath(new URL('bare-host.ts', import.meta.url))])
  expect(JSON.parse(printed.toString())).toEqual(expected)
})
