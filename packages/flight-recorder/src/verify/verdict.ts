import type { VerifyReport } from './report.ts'

type Findings = Pick<VerifyReport, 'breaks' | 'runs' | 'ranges' | 'anchors' | 'objects' | 'duplicate_violations'>

/** The worst that was found decides. */
export function verdictOf({
  breaks,
  runs,
  duplicate_violations: duplicates,
  ranges,
  anchors,
  objects,
}: Findings): VerifyReport['verdict'] {
  const isBroken =
    breaks.length > 0 ||
    duplicates.length > 0 ||
    anchors.some(({ state }) => state === 'damaged' || state === 'other_key') ||
    ranges.some(({ state }) => state === 'missing') ||
    runs.some(({ state }) => state === 'count_mismatch') ||
    (objects !== null && objects.missing.length + objects.edited.length > 0)
  if (isBroken) return 'broken'
  if (runs.some(({ state }) => state !== 'complete')) return 'incomplete'
  return ranges.some(({ state }) => state === 'unanchored') ? 'unanchored' : 'intact'
}
