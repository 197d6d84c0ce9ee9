import type { FlightEvent } from '@ctxlock/contracts/events'

/** Looks for violations that were stored twice (REC-021). */
export function createViolationCount() {
  const seen = new Set<string>()
  const duplicates: number[] = []
  function push(event: FlightEvent): void {
    if (event.type !== 'security_violation') return
    if (seen.has(event.payload.idempotency_key)) duplicates.push(event.seq)
    seen.add(event.payload.idempotency_key)
  }
  return { push, duplicates }
}
