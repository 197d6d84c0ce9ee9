import { expect, test } from 'vitest'

import { requestBody } from './request-body.ts'

const text = (value: Parameters<typeof requestBody>[0]): string => Buffer.from(requestBody(value)).toString()

test('members are sorted, nothing is padded', () => {
  expect(text({ b: [1, 2], a: { d: null, c: true } })).toBe('{"a":{"c":true,"d":null},"b":[1,2]}')
})

test('text and numbers go out as they are, not as records are stored', () => {
  const decomposed = 'e\u0301'
  expect(text({ t: decomposed, n: 0.1234567890123 })).toBe(`{"n":0.1234567890123,"t":"${decomposed}"}`)
})

test('equal input gives equal bytes whatever the order of its members', () => {
  expect(requestBody({ a: 1, b: 2 })).toEqual(requestBody({ b: 2, a: 1 }))
})

test('what JSON cannot carry is refused', () => {
  expect(() => requestBody({ t: '\ud83e' })).toThrow()
  expect(() => requestBody({ n: Number.NaN })).toThrow()
})
