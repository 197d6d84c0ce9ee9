// Attacks and ordinary texts made from a seed: what the published figures are measured on, and what CI measures again.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { BUILT_IN_PATTERNS } from '../../../../packages/ace-validators/src/scanner/patterns.ts'
import { seededRandom } from '../generated-files/random.ts'
import { HARDENED_EVASIONS, SPEC_EVASIONS, SPLITS, STRETCH_PHRASES } from './evasions.ts'
import type { AttackRow, BenignRow } from './injection-rows.ts'

const SEED = 20261121
const ROWS_AN_EVASION = 24
const CHUNK = 1500
const BENIGN_CHUNKS = 1200
const repository = join(dirname(fileURLToPath(import.meta.url)), '../../../..')

const BEFORE = [
  'Minutes of Tuesday. ',
  '// Reads the manifest.\n',
  '<p>We ship every week.</p>\n',
  '- first\n- ',
  'title: "notes"\nbody: "',
  '| a | b |\n\n',
  '',
]
const AFTER = [
  ' and report back.',
  ': then carry on.',
  '; nothing else matters.\n',
  ' (see the appendix)',
  '"\nowner: team\n',
  '\n',
]

export function generatedAttacks(): AttackRow[] {
  const random = seededRandom(SEED)
  const pick = (maximum: number) => Math.floor(random() * maximum)
  const choose = (list: readonly string[]) => list[pick(list.length)] ?? ''
  const patternOf = (index: number) => BUILT_IN_PATTERNS[index % BUILT_IN_PATTERNS.length]?.text ?? ''
  const rows: AttackRow[] = []
  const tiers = [
    ['spec', SPEC_EVASIONS],
    ['hardened', HARDENED_EVASIONS],
  ] as const
  for (const [tier, evasions] of tiers) {
    for (const [evasion, evade] of Object.entries(evasions)) {
      for (let index = 0; index < ROWS_AN_EVASION; index += 1) {
        const pattern = patternOf(index)
        const [before, hidden] = [choose(BEFORE), evade(pattern, pick)]
        const span = { start: before.length, end: before.length + hidden.length }
        rows.push({
          id: `${evasion}-${index}`,
          text: before + hidden + choose(AFTER),
          pattern,
          evasion,
          tier,
          spans: [span],
        })
      }
    }
  }
  for (const [evasion, others] of Object.entries(SPLITS)) {
    for (let index = 0; index < ROWS_AN_EVASION; index += 1) {
      const pattern = patternOf(index)
      const cut = 2 + pick(pattern.length - 4)
      const before = choose(BEFORE)
      const [left, right] = [pattern.slice(0, cut), pattern.slice(cut)]
      const last = others.length + 1
      const spans = [
        { snippet: 0, start: before.length, end: before.length + left.trimEnd().length },
        { snippet: last, start: right.length - right.trimStart().length, end: right.length },
      ]
      const snippets = [before + left, ...others, right + choose(AFTER)]
      rows.push({ id: `${evasion}-${index}`, snippets, pattern, evasion, tier: 'hardened', spans })
    }
  }
  for (const [evasion, phrases] of Object.entries(STRETCH_PHRASES)) {
    for (const [index, phrase] of phrases.entries()) {
      const before = choose(BEFORE)
      const span = { start: before.length, end: before.length + phrase.length }
      rows.push({
        id: `${evasion}-${index}`,
        text: before + phrase + choose(AFTER),
        pattern: phrase,
        evasion,
        tier: 'stretch',
        spans: [span],
      })
    }
  }
  return rows
}

/** Chunks of this repository's own code and prose, but for what is about the scanner itself. */
export function generatedBenign(): BenignRow[] {
  const paths = globSync(['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts', 'packages/*/README.md'], { cwd: repository })
    .filter((path) => !path.includes('ace-validators'))
    .toSorted()
  const chunks = paths.flatMap((path) => {
    const text = readFileSync(join(repository, path), 'utf8')
    return Array.from({ length: Math.ceil(text.length / CHUNK) }, (_, index) => ({
      id: `${path}:${index}`,
      cls: path.endsWith('.md') ? 'prose' : 'code',
      text: text.slice(index * CHUNK, (index + 1) * CHUNK),
    }))
  })
  const step = Math.max(1, Math.ceil(chunks.length / BENIGN_CHUNKS))
  return chunks
    .filter((_, index) => index % step === 0)
    .map((chunk) => ({ ...chunk, ...(holdsPattern(chunk.text) && { contains: true }) }))
}

function holdsPattern(text: string): boolean {
  const plain = text.toLowerCase().replace(/\s+/g, ' ')
  return BUILT_IN_PATTERNS.some((pattern) => plain.includes(pattern.text))
}
