import type { AceError, AceErrorCode, AceErrorDetails, GuardOutcome } from '@ctxlock/contracts/guards'

const EMPTY = { errors: [], warnings: [], removals: [], scanned: [], matches: [] }

export const NOT_APPLICABLE: GuardOutcome = { verdict: 'not_applicable', ...EMPTY }

/** `fail` when there are errors, otherwise `pass` unless `more` says something else. */
export function outcome(errors: readonly AceError[], more: Partial<GuardOutcome> = {}): GuardOutcome {
  return { ...EMPTY, verdict: 'pass', ...more, errors: [...errors], ...(errors.length > 0 && { verdict: 'fail' }) }
}

/** A function that makes the errors of one guard; details hold ids, hashes and numbers only (VAL-009). */
export function errorsOf(guard: string) {
  return (code: AceErrorCode, details: AceErrorDetails): AceError => ({ code, guard, details })
}

/** Ids come from other processes and may be long; an error names them by at most 256 characters. */
export function shortened(id: string): string {
  return id.length <= 256 ? id : `${id.slice(0, 255)}…`
}
