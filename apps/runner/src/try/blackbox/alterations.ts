import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'

import type { Alteration } from './altered-log.ts'

/** What is done to a log of so many events, one after the other, each to a fresh copy. */
export type Alterations = (events: number) => AsyncIterable<Alteration>

/** Without a person: one of each, in the middle and at the end. */
export async function* scriptedAlterations(events: number): AsyncGenerator<Alteration> {
  const middle = Math.ceil(events / 2)
  yield { kind: 'edit', event: middle }
  yield { kind: 'delete', event: middle }
  yield { kind: 'cut', event: events - 2 }
}

/** What a person types, until an empty line or the end of the input. */
export async function* chosenAlterations(
  events: number,
  input: Readable,
  output: Writable,
): AsyncGenerator<Alteration> {
  const lines = createInterface({ input, output, prompt: `alter 1 to ${events}> ` })
  let closed = false
  lines.once('close', () => (closed = true))
  // A terminal in line mode hands Ctrl-C to whoever reads lines.
  lines.once('SIGINT', () => {
    process.kill(process.pid, 'SIGINT')
    lines.close()
  })
  output.write(`\nnow        alter the log as you like: "edit 12", "delete 12", "cut 12"; an empty line goes on\n`)
  try {
    lines.prompt()
    for await (const line of lines) {
      if (line.trim() === '') return
      const alteration = readAlteration(line, events)
      if (alteration) yield alteration
      else output.write(`           expected "edit", "delete" or "cut", and a number from 1 to ${events}\n`)
      if (!closed) lines.prompt()
    }
  } finally {
    lines.close()
  }
}

function readAlteration(line: string, events: number): Alteration | undefined {
  const [, kind, number] = /^\s*(edit|delete|cut)\s+(\d{1,9})\s*$/.exec(line) ?? []
  const event = Number(number)
  if (!(event >= 1 && event <= events)) return undefined
  return kind === 'edit' || kind === 'delete' || kind === 'cut' ? { kind, event } : undefined
}
