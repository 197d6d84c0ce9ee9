import { errorCode } from './workspace-reader.ts'

// https://sqlite.org/rescode.html: SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN; the low byte of an extended code.
const SQLITE_IOERR = 10
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
/** The index of its journal cannot be made longer: so a full disk shows before anything else is written. */
const SQLITE_IOERR_SHMSIZE = SQLITE_IOERR | (19 << 8)
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])
const FAILED: ReadonlySet<string> = new Set(['EIO', 'EINTR'])

/** What to do when a disk is full, failed or is closed to a database, by the error or what caused it; undefined when neither is the case. */
export function diskHint(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code = errorCode(error)
  const extended = Number(Reflect.get(error, 'errcode'))
  const errcode = extended & 0xff
  if (FULL.has(code) || errcode === SQLITE_FULL || extended === SQLITE_IOERR_SHMSIZE)
    return 'The disk is full: free space, then run the command again. What was recorded before is whole.'
  if (FAILED.has(code) || errcode === SQLITE_IOERR)
    return 'Run the command again; if it fails again, the disk needs looking at. `ctxlock verify` says whether the record is whole.'
  if (errcode === SQLITE_CANTOPEN)
    return 'Free space or allow writing, then run the command again; earlier files were left as they are.'
  return diskHint(error.cause)
}
