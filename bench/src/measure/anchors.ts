// `--files FOLDER_OR_FILE …`: the anchors of our extractors beside what independent parsers find in the same files, and the
// speed of both in the same interleaved run. `--differences N` prints the first N of them, `--rounds N` times N rounds.
import { parseArgs } from 'node:util'

import { builtInExtractors } from '../../../packages/context-pack/src/index.ts'
import type { Extractor } from '../../../packages/contracts/src/extractor.ts'
import { languageExtractors } from '../../../packages/extractor-languages/src/index.ts'
import { median } from '../interleaved.ts'
import { compareSymbols, scoresOf, type Counts, type Difference, type Scores } from './anchors/comparison.ts'
import type { Oracle, OracleSymbol } from './anchors/oracle.ts'
import { readSourceFiles, type SourceFile } from './anchors/source-files.ts'
import { TREE_LANGUAGES } from './anchors/tree-languages.ts'
import { treeSitterOracle } from './anchors/tree-sitter-oracle.ts'
import { typescriptOracle } from './anchors/typescript-oracle.ts'

const BATCH = 50
const ORACLES: readonly Oracle[] = [typescriptOracle, ...Object.keys(TREE_LANGUAGES).map(treeSitterOracle)]
const EXTRACTORS: readonly Extractor[] = [...builtInExtractors, ...languageExtractors]

export interface LanguageRow extends Scores {
  readonly files: number
  /** Files the oracle finds syntax errors in; left out of everything else. */
  readonly not_judged: number
  /** Files our extractor refused: each of their symbols counts as missed. */
  readonly refused: number
  readonly symbols: number
  readonly megabytes: number
  /** Megabytes (UTF-16 units) per second of CPU time, median of the rounds. */
  readonly megabytes_per_second: Readonly<Record<string, number>>
}

export interface Result {
  readonly node: string
  readonly languages: Readonly<Record<string, LanguageRow>>
}

export async function measure(args: readonly string[]): Promise<Result> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      files: { type: 'string', multiple: true },
      differences: { type: 'string', default: '0' },
      rounds: { type: 'string', default: '3' },
    },
    allowPositionals: true,
  })
  const roots = [...(values.files ?? []), ...positionals]
  if (roots.length === 0) throw new Error('Expected --files FOLDER_OR_FILE.')
  const languages: Record<string, LanguageRow> = {}
  for (const [language, group] of groupByLanguage(roots)) {
    await group.oracle.prepare?.()
    await group.extractor.prepare?.()
    const { row, differences } = judge(group, Number(values.rounds))
    languages[language] = row
    for (const { path, problem, symbol } of differences.slice(0, Number(values.differences))) {
      console.log(`${path}:${symbol.startLine}-${symbol.endLine} ${problem}: ${symbol.kind} ${symbol.name}`)
    }
  }
  return { node: process.versions.node, languages }
}

interface Group {
  readonly oracle: Oracle
  readonly extractor: Extractor
  readonly files: SourceFile[]
}

function groupByLanguage(roots: readonly string[]): Map<string, Group> {
  const oracleOf = (path: string) => ORACLES.find((oracle) => oracle.languageOf(path) !== undefined)
  const groups = new Map<string, Group>()
  for (const file of readSourceFiles(roots, (path) => oracleOf(path) !== undefined)) {
    const oracle = oracleOf(file.path)
    const language = oracle?.languageOf(file.path)
    const extractor = EXTRACTORS.find((candidate) => candidate.matches(file.path))
    if (!oracle || language === undefined || !extractor) continue
    const group = groups.get(language) ?? { oracle, extractor, files: [] }
    group.files.push(file)
    groups.set(language, group)
  }
  return groups
}

function judge({ oracle, extractor, files }: Group, rounds: number): { row: LanguageRow; differences: Difference[] } {
  const counts: Counts = { expected: 0, found: 0, matched: 0, exactEnds: 0 }
  const differences: Difference[] = []
  const judged: SourceFile[] = []
  let refused = 0
  for (const file of files) {
    const expected = oracle.symbolsOf(file.path, file.text)
    if (expected === undefined) continue
    judged.push(file)
    const found = anchorsOf(extractor, file)
    if (found === undefined) refused += 1
    differences.push(...compareSymbols(file.path, found ?? [], expected, counts))
  }
  const row = {
    files: judged.length,
    not_judged: files.length - judged.length,
    refused,
    symbols: counts.expected,
    ...scoresOf(counts),
    megabytes: Number((sizeOf(judged) / 1e6).toFixed(1)),
    megabytes_per_second: timed(oracle, extractor, judged, rounds),
  }
  return { row, differences }
}

function anchorsOf(extractor: Extractor, { path, text }: SourceFile): readonly OracleSymbol[] | undefined {
  const answer = extractor.extract(text, path)
  return 'refused' in answer ? undefined : answer.anchors
}

/** Every kind of work over the same batch of files in turn, in CPU time of this thread: other load falls on all alike. */
function timed(oracle: Oracle, extractor: Extractor, files: readonly SourceFile[], rounds: number) {
  const works = Object.entries({
    [extractor.name]: (path: string, text: string): unknown => extractor.extract(text, path),
    ...oracle.peers,
    [oracle.parser]: oracle.symbolsOf,
  })
  const speeds = new Map<string, number[]>(works.map(([work]) => [work, []]))
  for (let round = 0; round < rounds; round += 1) {
    const times = new Map<string, number>()
    for (let first = 0; first < files.length; first += BATCH) {
      const batch = files.slice(first, first + BATCH)
      for (const [work, run] of works) {
        const start = process.threadCpuUsage()
        for (const { path, text } of batch) run(path, text)
        const { user, system } = process.threadCpuUsage(start)
        times.set(work, (times.get(work) ?? 0) + user + system)
      }
    }
    for (const [work, microseconds] of times) speeds.get(work)?.push(sizeOf(files) / microseconds)
  }
  return Object.fromEntries([...speeds].map(([work, list]) => [work, Number(median(list).toFixed(1))]))
}

function sizeOf(files: readonly SourceFile[]): number {
  return files.reduce((size, { text }) => size + text.length, 0)
}
