/** SHA-256 as 64 lower-case hex characters without prefix (CJ-029). */
export type Hash = string

const HASH = /^[0-9a-f]{64}$/

/** True for a hash in its only accepted spelling (CJ-029). */
export function isHash(value: unknown): value is Hash {
  return typeof value === 'string' && HASH.test(value)
}
