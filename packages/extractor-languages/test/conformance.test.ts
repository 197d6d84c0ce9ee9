import { extractorConformance } from '@ctxlock/plugin-api/testing'
import { describe, expect, test } from 'vitest'

import { languageExtractors } from '../src/index.ts'
import { readPinnedFile } from '../src/grammars/grammar-file.ts'
import { GRAMMARS } from '../src/grammars/grammar-table.ts'
import { anchorLines, answerOf, extractWith } from './extract.ts'
import { EXAMPLES } from './examples.ts'

describe.each(EXAMPLES)('$path', ({ path, text, anchors }) => {
  test('the declarations', async () => {
    expect(anchorLines((await extractWith(path, text)).anchors)).toEqual(anchors)
  })
  const extractor = languageExtractors.find((candidate) => candidate.matches(path))
  if (!extractor) throw new Error(`no extractor for ${path}`)
  for (const { name, run } of extractorConformance({ create: () => extractor, path, foreignPath: 'a.unknown', text }))
    test(name, run, 120_000)
})

test('every extractor has an example, and a name of its own', () => {
  const names = languageExtractors.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(languageExtractors.filter((one) => !EXAMPLES.some(({ path }) => one.matches(path)))).toEqual([])
})

test('a grammar with another hash, or none, is refused by name', async () => {
  const changed = { ...GRAMMARS.toml, sha256: '0'.repeat(64) }
  await expect(readPinnedFile(changed)).rejects.toMatchObject({ code: 'GRAMMAR_CHANGED' })
  await expect(readPinnedFile(GRAMMARS.toml, () => '/nowhere')).rejects.toMatchObject({ code: 'GRAMMAR_MISSING' })
})

test('what is too large, or no code, is refused', async () => {
  expect(await answerOf('a.py', 'x = 1\n'.repeat(200_000))).toEqual({ refused: 'too_large' })
  expect(
    await answerOf('a.go', 'this is no Go at all, but prose; with signs } ) ] and more of it {'.repeat(20)),
  ).toEqual({
    refused: 'syntax_error',
  })
})
