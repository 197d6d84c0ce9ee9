import { CommanderError } from 'commander'

import { CommandError } from './command-error.ts'
import { EXIT_CODE } from './exit-code.ts'
import { finishWithClosedOutput } from './output/closed-output.ts'
import { visibleText } from './output/visible-text.ts'
import { createProgram } from './program.ts'

/** Runs one command line and returns its exit code. Every failure ends in one message; nothing is thrown. */
export async function runCli(args: readonly string[]): Promise<number> {
  finishWithClosedOutput()
  const outcome: { exit: number } = { exit: EXIT_CODE.done }
  try {
    await createProgram(outcome).parseAsync([...args], { from: 'user' })
    return outcome.exit
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT_CODE.done
      if (args.includes('--json'))
        printFailure({ code: 'USAGE', message: error.message, exit: EXIT_CODE.usage, hint: 'Run ctxlock --help.' })
      return EXIT_CODE.usage
    }
    const failure = await describeFailure(error)
    if (args.includes('--json')) printFailure(failure)
    else process.stderr.write(visibleText(failureText(failure)))
    return failure.exit
  }
}

/** A message may name a field or a path that somebody else wrote. */
function failureText({ message, hint }: Failure): string {
  return `error: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`
}

function printFailure(failure: Failure): void {
  process.stdout.write(`${JSON.stringify({ ok: false, error: failure })}\n`)
}

interface Failure {
  readonly code: string
  readonly message: string
  readonly exit: number
  readonly hint?: string
  readonly details?: Readonly<Record<string, unknown>>
}

async function describeFailure(error: unknown): Promise<Failure> {
  const { asCommandError } = await import('./failure/failure.ts')
  const { code, message, exit, hint, details }: CommandError = asCommandError(error)
  return { code, message, exit, ...(hint === undefined ? {} : { hint }), ...(details === undefined ? {} : { details }) }
}
