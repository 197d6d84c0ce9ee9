import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { rgPath } from '@vscode/ripgrep'

import type { Corpus } from './corpus.ts'
import { plainWords } from './bm25.ts'
import { byScore, type Ranker } from './ranker.ts'
import { writeFiles } from '../../write-files.ts'

const STOP_WORDS = new Set(
  'a an and are as at be by can do does for from has have how if in into is it its not of on or that the their this to was were what when where which will with you'.split(
    ' ',
  ),
)

/** Counts how often each file holds a word of the question, as `rg --count-matches` does; `close` removes the copy it searches. */
export function ripgrepRanker(corpus: Corpus): { readonly rank: Ranker; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-retrieval-'))
  writeFiles(folder, corpus)
  return {
    rank(question) {
      const words = [...new Set(plainWords(question))].filter((word) => word.length > 1 && !STOP_WORDS.has(word))
      if (words.length === 0) return []
      const flags = [
        '--count-matches',
        '--ignore-case',
        '--fixed-strings',
        '--no-ignore',
        '--hidden',
        '--no-config',
        '-0',
      ]
      const run = spawnSync(rgPath, [...flags, ...words.flatMap((word) => ['-e', word]), '.'], {
        cwd: folder,
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      })
      if (run.error) throw run.error
      return byScore(countsIn(run.stdout))
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function countsIn(output: string): Map<string, number> {
  const lines = output.split('\n').filter((line) => line !== '')
  return new Map(
    lines.map((line) => {
      const [path = '', count = '0'] = line.split('\0')
      return [path.replace(/^\.\//, ''), Number(count)]
    }),
  )
}
