import { expect, test } from 'vitest'
import { compareSymbols, scoresOf } from './comparison.ts'
import type { OracleSymbol } from './oracle.ts'

const symbol = (name: string, startLine: number, endLine: number, kind = 'function'): OracleSymbol => ({
  name,
  kind,
  startLine,
  endLine,
})

test('matches by name, class of kind and start line, each once', () => {
  const counts = { expected: 0, found: 0, matched: 0, exactEnds: 0 }
  const differences = compareSymbols(
    'a.ts',
    [symbol('a', 1, 2), symbol('a', 1, 2), symbol('b', 3, 9), symbol('c', 5, 5, 'const')],
    [symbol('a', 1, 2), symbol('b', 3, 4), symbol('c', 5, 5, 'let'), symbol('d', 6, 6)],
    counts,
  )
  expect(counts).toEqual({ expected: 4, found: 4, matched: 3, exactEnds: 2 })
  expect(differences.map(({ problem, symbol: { name } }) => `${problem} ${name}`)).toEqual([
    'invented a',
    'wrong end b',
    'missed d',
  ])
  expect(scoresOf(counts)).toEqual({ precision: 0.75, recall: 0.75, f1: 0.75, exact_end: 0.6666 })
})

test('nothing expected and nothing found is agreement; nothing matched is none', () => {
  expect(scoresOf({ expected: 0, found: 0, matched: 0, exactEnds: 0 }).f1).toBe(1)
  expect(scoresOf({ expected: 2, found: 1, matched: 0, exactEnds: 0 }).f1).toBe(0)
})
