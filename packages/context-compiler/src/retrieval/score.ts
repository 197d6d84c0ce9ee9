/** Rounds a score as canonical JSON does, so that comparisons and hashes agree (ACE-037, CJ-014). */
export function roundScore(score: number): number {
  return Number(score.toFixed(6)) + 0
}

/** The order of UTF-16 code units; never of a locale (ACE-017). */
export function compareUtf16(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** The lexical score of evidence from a file the task names: above any search hit, by rank within the file (ACE-039). */
export function scopeScore(rank: number): number {
  return roundScore(Math.max(0, 1 - rank / 1000))
}
