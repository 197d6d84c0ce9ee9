import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

/**
 * Runs work with an empty folder outside of `root`, which is gone afterwards, however the work ends: Ctrl-C and a closed
 * terminal abort its signal, and the folder is removed when the work has stopped. Exit codes: usage, cancelled.
 */
export async function withScratchFolder<Result>(
  root: string,
  work: (folder: string, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const parent = realpathSync(tmpdir())
  if (`${parent}${sep}`.startsWith(`${root}${sep}`)) throw temporaryFolderInside(parent)
  const interrupt = new AbortController()
  const onSignal = () => interrupt.abort(interrupted())
  for (const name of SIGNALS) process.on(name, onSignal)
  const folder = mkdtempSync(join(parent, 'ctxlock-try-'))
  try {
    return await work(folder, interrupt.signal)
  } catch (error) {
    // What a child or a timer throws when it is stopped says less than why it was stopped.
    interrupt.signal.throwIfAborted()
    throw error
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal)
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function interrupted(): CommandError {
  return new CommandError({
    exit: EXIT_CODE.cancelled,
    code: 'INTERRUPTED',
    message: 'stopped; the temporary folder is removed and nothing else was written',
  })
}

function temporaryFolderInside(folder: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'TEMPORARY_FOLDER_INSIDE',
    message: `the temporary folder ${folder} lies inside the workspace, where nothing may be written`,
    hint: 'Set TMPDIR to a folder outside of it.',
  })
}
