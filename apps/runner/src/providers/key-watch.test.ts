import { createSecretHolder } from '@ctxlock/provider-kit'
import { expect, test } from 'vitest'

import { watchForKey } from './key-watch.ts'

const KEY = 'key-key-01234567'

function shown(pieces: readonly string[]): { readonly text: string; readonly refused: boolean } {
  const watch = watchForKey(createSecretHolder(() => KEY))
  let text = ''
  try {
    for (const piece of pieces) text += watch.pass({ type: 'text', text: piece }).text
    return {
      text:
        text +
        watch
          .rest()
          .map((event) => event.text)
          .join(''),
      refused: false,
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'protocol', reason: 'key_in_answer' })
    return { text, refused: true }
  }
}

test('no piece of the key is shown, however an answer is cut', () => {
  const answer = `the key-key is ${KEY}!`
  for (let size = 1; size <= answer.length; size += 1) {
    const pieces = answer.match(new RegExp(`.{1,${size}}`, 'g')) ?? []
    const { text, refused } = shown(pieces)
    expect(refused).toBe(true)
    expect('the key-key is ').toContain(text)
  }
})

test('what only begins like the key is shown whole', () => {
  for (const answer of ['key-key-key-key-0123456', 'a key-', KEY.slice(1), 'k', ''])
    expect(shown(Array.from(answer))).toEqual({ text: answer, refused: false })
})

test('nothing is kept back where there is no key, or one that ordinary text may hold', () => {
  for (const read of [undefined, () => 'short', () => undefined]) {
    const watch = watchForKey(createSecretHolder(read))
    expect(watch.pass({ type: 'reasoning', text: 'short' })).toEqual({ type: 'reasoning', text: 'short' })
  }
})

test('wherever the key stands in what a server said, it is found, also where JSON writes it otherwise', () => {
  const key = 'quo"te\\d-key'
  const watch = watchForKey(createSecretHolder(() => key))
  for (const said of [[{ id: `model-${key}` }], { at: { digest: key } }, key])
    expect(() => watch.judge(said)).toThrow(expect.objectContaining({ reason: 'key_in_answer' }))
  for (const said of [undefined, [], [{ id: 'quo"te' }]]) expect(() => watch.judge(said)).not.toThrow()
})
