import { PassThrough } from 'node:stream'

import { onTestFinished } from 'vitest'

/** Lets this process take itself for one at a terminal, at which `answer` has been typed, until the test ends. */
export function atTerminal(answer: string): void {
  const input = Object.assign(new PassThrough(), { isTTY: true })
  input.end(`${answer}\n`)
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
