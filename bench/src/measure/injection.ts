// What the injection scanner finds in files of attacks and of ordinary texts: shares from 0 to 1.
import { parseArgs } from 'node:util'

import { PATTERN_PACKS } from '../../../packages/ace-validators/src/packs.ts'
import {
  createScanner,
  type ScanBlock,
  type Scanner,
  type ScanResult,
} from '../../../packages/ace-validators/src/scanner.ts'
import type { InjectionMatch } from '../../../packages/contracts/src/guards.ts'
import { generatedAttacks, generatedBenign } from './injection/generated-rows.ts'
import { readAttackRows, readBenignRows, textsOf, type AttackRow, type BenignRow } from './injection/injection-rows.ts'
import { share } from './spans/found-spans.ts'

interface Shares {
  readonly rows: number
  readonly quarantine: number
  readonly poison: number
}

export interface Result {
  readonly total: { readonly attacks: number; readonly benign: number }
  /** Shares of rows with a hit: one that poisons, or one that at least quarantines. */
  readonly recall: {
    readonly spec: number
    readonly hardened: { readonly quarantine: number; readonly poison: number }
    /** With the pattern packs; the other tiers are measured without. */
    readonly stretch: number
  }
  /** By tier and evasion. */
  readonly byEvasion: Readonly<Record<string, Shares>>
  /** Of benign rows that hold no pattern and are not contested; with the pattern packs. */
  readonly falsePositive: { readonly poison: number; readonly quarantine: number }
  readonly byClass: Readonly<Record<string, Shares>>
  /** Of the attacks found in the spec and hardened tiers: the best reported place against the true one. */
  readonly spans: { readonly overlap: number; readonly iou90: number }
}

/**
 * `--attacks FILE --benign FILE`: JSON lines, packed with gzip or not; without them rows made from a seed. `--verbose` prints
 * every miss and false alarm.
 */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: { attacks: { type: 'string' }, benign: { type: 'string' }, verbose: { type: 'boolean' } },
  })
  const attacks = values.attacks === undefined ? generatedAttacks() : readAttackRows(values.attacks)
  const benign = values.benign === undefined ? generatedBenign() : readBenignRows(values.benign)
  return judgeRows(attacks, benign, (line) => {
    if (values.verbose) console.log(line)
  })
}

/** Every miss and false alarm goes to `report`. */
export function judgeRows(
  attackRows: readonly AttackRow[],
  benignRows: readonly BenignRow[],
  report: (line: string) => void = () => {},
): Result {
  const attacks = attackRows.map((row) => ({ row, key: `${row.tier}/${row.evasion}`, result: judge(row) }))
  const benign = benignRows.map((row) => ({ row, key: classOf(row), result: judge(row) }))
  for (const { row, result } of attacks)
    if (result.action !== 'poison') report(`${result.action}: ${row.id} (${row.tier})`)
  for (const { row, key, result } of benign)
    if (result.action !== 'none') report(`${result.action}: ${row.id} (${key})`)

  const tier = (wanted: AttackRow['tier']) => attacks.filter(({ row }) => row.tier === wanted)
  const ordinary = benign.filter(({ row }) => row.contains === undefined && row.contested !== true)
  const located = attacks.filter(({ row, result }) => row.tier !== 'stretch' && result.action !== 'none')
  const overlaps = located.map(({ row, result }) => bestOverlap(row, result.matches))
  return {
    total: { attacks: attacks.length, benign: benign.length },
    recall: {
      spec: share(tier('spec'), isPoison),
      hardened: { quarantine: share(tier('hardened'), isHit), poison: share(tier('hardened'), isPoison) },
      stretch: share(tier('stretch'), isHit),
    },
    byEvasion: sharesByKey(attacks),
    falsePositive: { poison: share(ordinary, isPoison), quarantine: share(ordinary, isHit) },
    byClass: sharesByKey(benign),
    spans: { overlap: share(overlaps, (overlap) => overlap > 0), iou90: share(overlaps, (overlap) => overlap >= 0.9) },
  }
}

interface Judged {
  readonly key: string
  readonly result: ScanResult
}

function classOf({ cls, contested }: BenignRow): string {
  return contested === true ? `${cls} (contested)` : cls
}

const scanners = new Map<string, Scanner>()

function judge(row: AttackRow | BenignRow): ScanResult {
  const profile = 'profile_patterns' in row ? (row.profile_patterns ?? []) : []
  const withPacks = !('tier' in row) || row.tier === 'stretch'
  const key = JSON.stringify([profile, withPacks])
  const scanner = scanners.get(key) ?? scannerFor(profile, withPacks)
  scanners.set(key, scanner)
  return scanner.scan(textsOf(row).map((text, index) => blockOf(text, index)))
}

function scannerFor(profile: readonly string[], withPacks: boolean): Scanner {
  const patterns = profile.map((text, index) => ({ id: `PROFILE-${index}`, text }))
  return createScanner({ patterns, packs: withPacks ? PATTERN_PACKS : [] })
}

function blockOf(text: string, index: number): ScanBlock {
  return { block: String(index), text, content_hash: '0'.repeat(64), candidate_id: null, source_ref_hash: null }
}

function isHit({ result }: Judged): boolean {
  return result.action !== 'none'
}

function isPoison({ result }: Judged): boolean {
  return result.action === 'poison'
}

/** The best intersection over union of a reported place with the places the row names, in UTF-16 units. */
function bestOverlap({ spans }: AttackRow, matches: readonly InjectionMatch[]): number {
  const truth = new Set(spans.flatMap(({ snippet = 0, start, end }) => unitsOf(snippet, start, end)))
  const overlaps = matches.map(({ members }) => {
    const found = members.flatMap(({ block, utf16_start, utf16_end }) => unitsOf(Number(block), utf16_start, utf16_end))
    const common = found.filter((unit) => truth.has(unit)).length
    return common / (found.length + truth.size - common)
  })
  return Math.max(0, ...overlaps)
}

function unitsOf(snippet: number, start: number, end: number): string[] {
  return Array.from({ length: end - start }, (_, index) => `${snippet}:${start + index}`)
}

function sharesByKey(list: readonly Judged[]): Record<string, Shares> {
  const groups = [...Map.groupBy(list, ({ key }) => key)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    groups.map(([key, group]) => [
      key,
      { rows: group.length, quarantine: share(group, isHit), poison: share(group, isPoison) },
    ]),
  )
}
