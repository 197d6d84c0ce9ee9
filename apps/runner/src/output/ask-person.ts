import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Output } from './output.ts'
import { visibleText } from './visible-text.ts'

/** Only `yes` is yes; the end of the input is no. Throws `INTERRUPTED` for Ctrl-C. */
export async function askPerson(question: string, input: Readable, output: Writable): Promise<boolean> {
  using questions = openQuestions(input, output)
  return (await questions.ask(`${question} [yes/no] `)) === 'yes'
}

export interface Questions extends Disposable {
  /** The line that is typed, trimmed; empty when the input has ended. Throws `INTERRUPTED` for Ctrl-C, after which nothing may be done. */
  ask(question: string): Promise<string>
}

export function openQuestions(input: Readable, output: Writable): Questions {
  const lines = createInterface({ input, output })
  let isOpen = true
  const ended = new Promise<string>((resolve, reject) => {
    lines.once('SIGINT', () => reject(interrupted()))
    lines.once('close', () => {
      isOpen = false
      resolve('')
    })
  })
  // Nobody need be asked any more when it happens.
  ended.catch(() => {})
  return {
    async ask(question) {
      const answer = await (isOpen ? Promise.race([lines.question(visibleText(question)), ended]) : ended)
      return answer.trim()
    },
    [Symbol.dispose]: () => lines.close(),
  }
}

function interrupted(): CommandError {
  return new CommandError({
    exit: EXIT_CODE.cancelled,
    code: 'INTERRUPTED',
    message: 'stopped at the question; nothing was changed',
    hint: 'Run the command again to answer it.',
  })
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
