import { expect, test } from 'vitest'

import { onceFor, rememberValues } from './remembered-values.ts'

test('a value is made once for its key, and the oldest of too many is made again', () => {
  const values = rememberValues<string>(2)
  const made: string[] = []
  const ask = (key: string) =>
    onceFor(values, key, () => {
      made.push(key)
      return `value of ${key}`
    })
  expect(['a', 'a', 'b', 'c', 'b', 'a'].map(ask)).toEqual(
    ['a', 'a', 'b', 'c', 'b', 'a'].map((key) => `value of ${key}`),
  )
  expect(made).toEqual(['a', 'b', 'c', 'a'])
})

test('what could not be made is tried again', () => {
  const values = rememberValues<string>(2)
  const broken = () => {
    throw new Error('broken')
  }
  expect(() => onceFor(values, 'a', broken)).toThrow('broken')
  expect(onceFor(values, 'a', () => 'made')).toBe('made')
})
