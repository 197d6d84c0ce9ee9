import type { Extraction, Extractor } from '@ctxlock/contracts/extractor'
import { expect, test } from 'vitest'

import { extractorConformance, type ExtractorTarget } from './extractor-conformance.ts'

const good: Extractor = {
  name: 'lines',
  version: '1',
  matches: (path) => path.endsWith('.x'),
  extract: (text): Extraction => ({
    anchors: text.startsWith('a') ? [{ name: 'a', kind: 'k', hint: 'a', depth: 0, startLine: 1, endLine: 1 }] : [],
  }),
}
const TARGET: ExtractorTarget = { create: () => ({ ...good }), path: 'f.x', foreignPath: 'f.y', text: 'a\nb\n' }

async function failures(create: () => Extractor): Promise<string[]> {
  const failed: string[] = []
  for (const { name, run } of extractorConformance({ ...TARGET, create })) {
    await run().catch(() => failed.push(name.split(':', 1)[0] ?? ''))
  }
  return [...new Set(failed)]
}

test('a good extractor passes', async () => {
  expect(await failures(() => ({ ...good }))).toEqual([])
})

let instances = 0
const anchor = { name: 'a', kind: 'k', hint: 'a', depth: 0, startLine: 1, endLine: 1 }
test.each<[string, string, () => Extractor]>([
  ['a version that changes from instance to instance', 'identity', () => ({ ...good, version: `${(instances += 1)}` })],
  ['a version with blanks', 'identity', () => ({ ...good, version: 'next one' })],
  [
    'a name that preparing changes',
    'identity',
    () => {
      const extractor = { ...good, name: 'before', prepare: async () => void (extractor.name = 'after') }
      return extractor
    },
  ],
  ['matching everything', 'matches', () => ({ ...good, matches: () => true })],
  [
    'preparing twice that throws',
    'prepare',
    () => {
      let prepared = 0
      return {
        ...good,
        prepare: async () => {
          if ((prepared += 1) > 1) throw new Error('again')
        },
      }
    },
  ],
  ['no anchors', 'extract', () => ({ ...good, extract: () => ({ anchors: [] }) })],
  ['an unknown refusal', 'extract', () => ({ ...good, extract: () => JSON.parse('{"refused":"tired"}') })],
  [
    'a line outside the file',
    'extract',
    () => ({ ...good, extract: () => ({ anchors: [{ ...anchor, endLine: 9 }] }) }),
  ],
  [
    'a fact without text',
    'extract',
    () => ({ ...good, extract: () => JSON.parse('{"anchors":[],"facts":[{"startLine":1,"endLine":1}]}') }),
  ],
  [
    'state between files',
    'extract',
    () => {
      let seen = 0
      return {
        ...good,
        extract: (text) => {
          seen += 1
          return { anchors: text === TARGET.text ? [{ ...anchor, hint: `${seen}` }] : [] }
        },
      }
    },
  ],
  [
    'an exception on noise',
    'extract',
    () => ({
      ...good,
      extract: (text, path) => {
        if (text.includes('\0')) throw new Error('noise')
        return good.extract(text, path)
      },
    }),
  ],
])('%s is noticed', async (_, failing, create) => {
  expect(await failures(create)).toContain(failing)
})
