import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Output } from './output.ts'
import { visibleText } from './visible-text.ts'

/** Only `yes` is yes; the end of the input is no. */
export async function askPerson(question: string, input: Readable, output: Writable): Promise<boolean> {
  const lines = createInterface({ input, output })
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  const answer = await Promise.race([lines.question(visibleText(`${question} [yes/no] `)), ended])
  lines.close()
  return answer.trim() === 'yes'
}

/** Throws `PERSON_REQUIRED` where nobody reads what is printed and answers: in a pipe, in CI, under an agent or an MCP client. */
export function requireTerminal(what: string, { json }: Pick<Output, 'json'>): void {
  if (process.stdin.isTTY && process.stdout.isTTY && !json) return
  throw new CommandError({
    exit: EXIT_CODE.needsPerson,
    code: 'PERSON_REQUIRED',
    message: `${what} is for a person to decide, at a terminal`,
    hint: 'Run the command yourself, without a pipe and without --json.',
  })
}
