import { vi } from 'vitest'

import type { CommandError } from '../../src/command-error.ts'
import { asCommandError } from '../../src/failure/failure.ts'
import { createProgram } from '../../src/program.ts'

export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** What ended the command, if it failed. */
  readonly error?: CommandError
}

/** Runs the real command line in this process, for tests of many commands in which starting one is not what is tested. */
export async function ctxlockHere(args: readonly string[], workspace: string): Promise<CommandResult> {
  let stdout = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk, ...others: unknown[]) => {
    stdout += String(chunk)
    const done = others.at(-1)
    if (typeof done === 'function') done()
    return true
  })
  const outcome = { exit: 0 }
  try {
    await createProgram(outcome).parseAsync([...args, '--workspace', workspace], { from: 'user' })
    return { code: outcome.exit, stdout, stderr: '' }
  } catch (error) {
    const failure = asCommandError(error)
    const { exit, message, hint = '' } = failure
    return { code: exit, stdout, stderr: `error: ${message}\n  ${hint}\n`, error: failure }
  } finally {
    write.mockRestore()
  }
}
