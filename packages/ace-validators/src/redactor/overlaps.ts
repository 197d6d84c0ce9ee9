import { SECRET_CATEGORIES, type RedactionFinding } from '@ctxlock/contracts/ports'

/**
 * Findings in order and without overlap: those that overlap become one over all they cover, labelled by the strongest, so
 * that no character a detector wanted gone survives. A secret is stronger than what is none, then the longer one.
 */
export function withoutOverlaps(findings: readonly RedactionFinding[]): RedactionFinding[] {
  const merged: RedactionFinding[] = []
  let strongest: RedactionFinding | undefined
  for (const finding of findings.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1)
    if (last === undefined || strongest === undefined || finding.start >= last.end) {
      merged.push(finding)
      strongest = finding
      continue
    }
    if (isStronger(finding, strongest)) strongest = finding
    merged[merged.length - 1] = { ...strongest, start: last.start, end: Math.max(last.end, finding.end) }
  }
  return merged
}

function isStronger(a: RedactionFinding, b: RedactionFinding): boolean {
  const secret = Number(SECRET_CATEGORIES.has(a.category)) - Number(SECRET_CATEGORIES.has(b.category))
  return secret === 0 ? a.end - a.start > b.end - b.start : secret > 0
}
