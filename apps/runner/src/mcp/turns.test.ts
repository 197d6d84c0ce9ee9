import { expect, test } from 'vitest'

import { createTurns } from './turns.ts'

const never = new AbortController().signal

test('work runs one after the other, in the order it came, and goes on after a failure', async () => {
  const turns = createTurns()
  const log: string[] = []
  const work = (name: string) => async () => {
    log.push(`${name} starts`)
    await Promise.resolve()
    log.push(`${name} ends`)
    if (name === 'b') throw new Error('b fails')
    return name
  }
  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => turns.take(never, work(name))))
  await turns.idle()
  expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends'])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('work that was cancelled while it waited is not run', async () => {
  const turns = createTurns()
  const abort = new AbortController()
  const first = Promise.withResolvers<string>()
  let ran = false
  const running = turns.take(never, () => first.promise)
  const waiting = turns.take(abort.signal, async () => {
    ran = true
  })
  abort.abort(new Error('changed my mind'))
  first.resolve('done')
  await expect(waiting).rejects.toThrow('changed my mind')
  expect([await running, ran]).toEqual(['done', false])
})
