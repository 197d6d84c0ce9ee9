import type { VectorFiles } from './vector-results.ts'
import { vectors } from './vectors.ts'

export const vectorFiles: VectorFiles = {
  canonical: vectors('canonical.json'),
  negative: vectors('negative.json'),
  notCanonical: vectors('not-canonical.json'),
  bytes: vectors('bytes.json'),
  timestamps: vectors('timestamps.json'),
}
