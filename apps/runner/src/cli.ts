import { CommanderError } from 'commander'

import { CommandError } from './command-error.ts'
import { EXIT_CODE } from './exit-code.ts'
import { createProgram } from './program.ts'

/** Runs one command line and returns its exit code. Every failure ends in one message; nothing is thrown. */
export async function runCli(args: readonly string[]): Promise<number> {
  // `ctxlock show X | head` closes our stdout early; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_CODE.done)
    throw error
  })
  const outcome: { exit: number } = { exit: EXIT_CODE.done }
  try {
    await createProgram(outcome).parseAsync([...args], { from: 'user' })
    return outcome.exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODE.done : EXIT_CODE.usage
    const failure = await describeFailure(error)
    if (args.includes('--json')) process.stdout.write(`${JSON.stringify({ ok: false, error: failure })}\n`)
    else process.stderr.write(`error: ${failure.message}\n${failure.hint === undefined ? '' : `  ${failure.hint}\n`}`)
    return failure.exit
  }
}

interface Failure {
  readonly code: string
  readonly message: string
  readonly exit: number
  readonly hint?: string
  readonly details?: Readonly<Record<string, unknown>>
}

async function describeFailure(error: unknown): Promise<Failure> {
  const { asCommandError } = await import('./failure.ts')
  const { code, message, exit, hint, details }: CommandError = asCommandError(error)
  return { code, message, exit, ...(hint === undefined ? {} : { hint }), ...(details === undefined ? {} : { details }) }
}
