import { RecorderError } from '../recorder-error.ts'

/** A log that is not what it was. */
export function diverged(): RecorderError {
  return new RecorderError(
    'HSK-409-LOG-DIVERGED',
    'The log is not what was signed or anchored before. What was kept of it was left in place: run verify.',
  )
}
