import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { expect, test } from 'vitest'

import { builtInExtractors } from '../src/extractors/built-in.ts'

test('the version of an extractor names the version of its parser, so that another parser is another builder', () => {
  const require = createRequire(import.meta.url)
  const versions = new Map(builtInExtractors.map(({ name, version }) => [name, version]))
  expect(versions.get('ecmascript')).toBe(`scanner-2+babel-parser-${require('@babel/parser/package.json').version}`)
  expect(versions.get('yaml')).toBe(`1+yaml-${require('yaml/package.json').version}`)
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  expect(manifest.dependencies['@babel/parser']).toMatch(/^\d/)
  expect(manifest.dependencies['yaml']).toMatch(/^\d/)
})
