/** A bucket that holds what may be used in a minute and fills up evenly. */
export interface Bucket {
  /** May be below zero: a call that is larger than a minute's worth is owed for. */
  readonly level: number
  /** Milliseconds since the Unix epoch. */
  readonly at: number
}

const MINUTE_MS = 60_000

export function fullBucket(perMinute: number, now: number): Bucket {
  return { level: perMinute, at: now }
}

export function refilled({ level, at }: Bucket, perMinute: number, now: number): Bucket {
  // A clock that went back fills nothing and takes nothing, and from then on counts as it goes.
  const elapsed = Math.max(0, now - at)
  return { level: Math.min(perMinute, level + (elapsed * perMinute) / MINUTE_MS), at: now }
}

/** Milliseconds until the bucket bears `amount`; 0 when it does now. What is larger than the bucket waits for a full one. */
export function waitFor({ level }: Bucket, perMinute: number, amount: number): number {
  const missing = Math.min(amount, perMinute) - level
  return missing <= 0 ? 0 : Math.ceil((missing * MINUTE_MS) / perMinute)
}
