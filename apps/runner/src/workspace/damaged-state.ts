import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

// https://sqlite.org/rescode.html: SQLITE_CORRUPT and SQLITE_NOTADB; the low byte of an extended code.
const DAMAGED: ReadonlySet<number> = new Set([11, 26])

/** True when SQLite itself says that the file is no whole database, or lacks a table of ours; also as the cause of a package's error. */
export function isDamagedDatabase(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const errcode: unknown = Reflect.get(error, 'errcode')
  if (typeof errcode === 'number' && (DAMAGED.has(errcode & 0xff) || error.message.startsWith('no such table')))
    return true
  return isDamagedDatabase(error.cause)
}

export function damagedState(error: unknown): CommandError {
  return new CommandError(
    {
      exit: EXIT_CODE.verificationFailed,
      code: 'STATE_DAMAGED',
      message: 'the state database is damaged: SQLite cannot read .ctxlock/state.db as a whole database',
      // SQLite says so of a disk that failed once, too.
      hint: 'Run the command again. If it says so again, keep the file, and put a backup in its place; `ctxlock check` and the lockfile do not need it.',
    },
    { cause: error },
  )
}
