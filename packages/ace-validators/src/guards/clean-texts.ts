import type { ScanBlock, ScanResult } from '../scanner/matches.ts'
import type { Scanner } from '../scanner/scan.ts'

/** Code units of remembered texts. A call scans the same packs in two of its hooks, and the next call often the same again. */
const MOST_UNITS = 4 * 1024 * 1024

interface Remembered {
  readonly sequences: Set<string>
  units: number
}

/** By scanner: another version, other patterns or packs are another scanner. */
const clean = new WeakMap<Scanner, Remembered>()

/**
 * Scans neighbouring texts, unless the same scanner found nothing in exactly these texts in this order before: what it finds
 * depends on nothing else. What it did find is looked for again each time, for the matches name the blocks. Of blocks that
 * were judged already only the borders count, so then nothing is remembered.
 */
export function scanOnce(scanner: Scanner, blocks: readonly ScanBlock[], judged: ReadonlySet<ScanBlock>): ScanResult {
  if (judged.size > 0) return scanner.scan(blocks, (block) => judged.has(block))
  const known = clean.get(scanner) ?? { sequences: new Set(), units: 0 }
  clean.set(scanner, known)
  const sequence = JSON.stringify(blocks.map(({ text }) => text))
  if (known.sequences.has(sequence)) return { action: 'none', matches: [] }
  const result = scanner.scan(blocks)
  if (result.action === 'none') remember(known, sequence)
  return result
}

function remember(known: Remembered, sequence: string): void {
  if (known.units + sequence.length > MOST_UNITS) {
    known.sequences.clear()
    known.units = 0
  }
  known.sequences.add(sequence)
  known.units += sequence.length
}
