import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

import { visibleText } from '../output/visible-text.ts'
import type { Disclosure } from './disclosure.ts'
import { disclosureLines } from './disclosure-lines.ts'

/** Somebody who can be asked while the run waits. */
export interface Person {
  /** The human's answer to exactly what is disclosed; only an explicit yes sends something. */
  answer(disclosure: Disclosure): Promise<PersonAnswer>
}

/** A no is for good, so it is said too. Who says neither leaves the request waiting: `unclear`, or `interrupted` by Ctrl-C or the end of input. */
export type PersonAnswer = 'approved' | 'denied' | 'unclear' | 'interrupted'

/** How much of the payload's hash has to be typed: enough that it was looked at. */
const TYPED_DIGITS = 8
const NO: ReadonlySet<string> = new Set(['no', 'n', 'deny'])

/**
 * Asks on a terminal. Yes is typing the beginning of the hash that is shown, so that neither a habit nor `yes |` gives it.
 * File names and the bytes are the workspace's own. Aborting `signal` is leaving the question.
 */
export function terminalPerson(input: Readable, output: Writable, signal?: AbortSignal): Person {
  return {
    async answer(disclosure) {
      const say = (line: string) => output.write(`${visibleText(line)}\n`)
      for (const line of disclosureLines(disclosure)) say(line)
      const expected = disclosure.plan.payload_sha256.slice(0, TYPED_DIGITS)
      const yes = disclosure.wider ? 'allow all that it covers' : 'send exactly these bytes, once'
      const choices = `${expected} to ${yes}; "no" to deny them; "show" to see all of them`
      let isAskedAgain = false
      const lines = createInterface({ input, output, ...(signal && { signal }) })
      let isOpen = true
      lines.once('close', () => (isOpen = false))
      const ask = (question: string) => {
        // As the prompt of its line, the question is there again after a key that redraws the line.
        lines.setPrompt(question)
        if (isOpen) lines.prompt()
        else output.write(question)
      }
      try {
        ask(`Type ${choices}: `)
        for await (const line of lines) {
          const typed = line.trim()
          if (typed === expected) return 'approved'
          if (NO.has(typed)) return 'denied'
          if (typed === 'show') {
            say(new TextDecoder().decode(disclosure.body))
            ask(`Type ${choices}: `)
            continue
          }
          if (isAskedAgain) return 'unclear'
          isAskedAgain = true
          ask(`That is none of them. Type ${choices}; anything else leaves the request waiting: `)
        }
        output.write('\n')
        return 'interrupted'
      } finally {
        lines.close()
      }
    },
  }
}
