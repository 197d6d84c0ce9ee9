import type { VerificationSpec } from '@ctxlock/contracts/packs'

import type { CommandRun } from './run-command.ts'

/** Whether a command showed what its spec expects. One that was ended by a limit showed nothing. */
export function verdictOf({ expect, pattern }: Pick<VerificationSpec, 'expect' | 'pattern'>, run: CommandRun): boolean {
  if (run.failure !== undefined || run.exitCode === null) return false
  switch (expect) {
    case 'exit_0':
      return run.exitCode === 0
    case 'exit_nonzero':
      return run.exitCode !== 0
    case 'contains':
      return pattern !== undefined && holds(run, pattern)
    case 'not_contains':
      // What was not kept may hold it.
      return pattern !== undefined && run.isWhole && !holds(run, pattern)
  }
}

function holds({ stdout, stderr }: CommandRun, pattern: string): boolean {
  return [stdout, stderr].some((bytes) => Buffer.from(bytes).includes(pattern))
}
