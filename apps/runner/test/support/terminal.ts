import { PassThrough } from 'node:stream'

import { onTestFinished } from 'vitest'

/** Lets this process take itself for one at a terminal, at which `answers` are typed, one at each question, until the test ends. */
export function atTerminal(...answers: readonly string[]): void {
  const input = Object.assign(new PassThrough(), { isTTY: true })
  const left = [...answers]
  input.on('resume', () => {
    const answer = left.shift()
    if (answer !== undefined) input.write(`${answer}\n`)
    if (left.length === 0) input.end()
  })
  replace(process, 'stdin', input)
  replace(process.stdout, 'isTTY', true)
}

function replace(target: object, name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, { configurable: true, writable: true, value })
  onTestFinished(() => {
    if (before) Object.defineProperty(target, name, before)
    else Reflect.deleteProperty(target, name)
  })
}
