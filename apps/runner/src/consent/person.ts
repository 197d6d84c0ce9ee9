import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

import { withoutControls } from '../output/output.ts'
import type { Disclosure } from './disclosure.ts'
import { disclosureLines } from './disclosure-lines.ts'

/** Somebody who can be asked while the run waits. */
export interface Person {
  /** The human's answer to exactly what is disclosed; anything but an explicit yes is no. */
  answer(disclosure: Disclosure): Promise<'approved' | 'denied'>
}

/** How much of the payload's hash has to be typed: enough that it was looked at. */
const TYPED_DIGITS = 8

/**
 * Asks on a terminal. Yes is typing the beginning of the hash that is shown, so that neither a habit nor `yes |` gives it.
 * File names and the bytes are the workspace's own: they are shown without control characters.
 */
export function terminalPerson(input: Readable, output: Writable): Person {
  return {
    async answer(disclosure) {
      const say = (line: string) => output.write(`${withoutControls(line)}\n`)
      for (const line of disclosureLines(disclosure)) say(line)
      const expected = disclosure.plan.payload_sha256.slice(0, TYPED_DIGITS)
      const question = `Type ${expected} to send exactly these bytes, once; "show" to see all of them; anything else sends nothing: `
      const lines = createInterface({ input, output })
      try {
        output.write(question)
        for await (const line of lines) {
          if (line.trim() !== 'show') return line.trim() === expected ? 'approved' : 'denied'
          say(new TextDecoder().decode(disclosure.body))
          output.write(question)
        }
        return 'denied'
      } finally {
        lines.close()
      }
    },
  }
}
