import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

/** The fault of a plugin, which is no bug of ours. Code: PLUGINS_INVALID. */
export function pluginsRefused(problem: string, cause?: unknown): CommandError {
  return new CommandError(
    {
      exit: EXIT_CODE.usage,
      code: 'PLUGINS_INVALID',
      message: `the plugins could not be loaded: ${problem}`,
      hint: 'Install or correct them, or take them out of `plugins` in the config.',
    },
    { cause },
  )
}

/** What foreign code threw, in one line: whoever wrote it has nothing else to go by. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw a value of type ${typeof error}`
  const code = 'code' in error ? `${String(error.code)}: ` : ''
  return `${code}${error.message}`.replace(/\s+/g, ' ').slice(0, 300)
}
