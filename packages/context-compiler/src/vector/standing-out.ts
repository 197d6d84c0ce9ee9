import { roundScore } from '../retrieval/score.ts'

/** So many standard deviations are worth one half. The best window usually has six or seven: as much as the best words have. */
const HALF = 3

/**
 * Scores in 0..1, six decimals, by how far each similarity stands out among all of them. One model finds every text near every
 * other and another none, so a similarity by itself says nothing beside a score of words. The order given decides the last
 * digit, so it must be the same everywhere.
 */
export function standingOut(similarities: readonly number[]): number[] {
  const mean = similarities.reduce((sum, value) => sum + value, 0) / similarities.length
  const variance = similarities.reduce((sum, value) => sum + (value - mean) ** 2, 0) / similarities.length
  // At least something: equal similarities do not stand out.
  const deviation = Math.max(Math.sqrt(variance), 1e-9)
  return similarities.map((value) => {
    const distance = Math.max(0, (value - mean) / deviation)
    return roundScore(distance / (HALF + distance))
  })
}
