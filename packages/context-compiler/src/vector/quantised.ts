import { CompileError } from '../compile-error.ts'

/**
 * A vector as whole numbers of one byte, scaled so that the largest is 127. Sums of whole numbers are exact in any order, so
 * two of them compare alike on every host; the loss is below a hundredth of the similarity. Throws `EmbeddingInvalid` for
 * a vector that is empty, all zero or not finite.
 */
export function quantise(vector: readonly number[]): Int8Array {
  // NaN stays NaN through `Math.max`, and is not above 0.
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (!(largest > 0 && largest < Infinity)) {
    throw new CompileError('EmbeddingInvalid', 'An embedding must be finite and not zero; check the embedding model.')
  }
  return Int8Array.from(vector, (value) => Math.round((value / largest) * 127))
}

/** The cosine of two vectors in -1..1; NaN for vectors of two lengths and for one of zeros. */
export function cosine(left: Int8Array, right: Int8Array): number {
  if (left.length !== right.length) return Number.NaN
  let product = 0
  let leftSquares = 0
  let rightSquares = 0
  for (let index = 0; index < left.length; index += 1) {
    const a = left[index] ?? 0
    const b = right[index] ?? 0
    product += a * b
    leftSquares += a * a
    rightSquares += b * b
  }
  return product / Math.sqrt(leftSquares * rightSquares)
}
