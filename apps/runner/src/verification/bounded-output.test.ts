import { expect, test } from 'vitest'

import { boundedOutput } from './bounded-output.ts'

test('the beginning and the end are kept, and how much was left out is said', () => {
  const output = boundedOutput(4, 4)
  for (let at = 0; at < 1000; at += 1) output.add(Buffer.from(`${at % 10}`))
  expect(Buffer.from(output.bytes()).toString()).toBe('0123\n[992 bytes were left out here]\n6789')
  expect([output.size, output.isWhole]).toEqual([1000, false])
})

test('little output is kept as it is', () => {
  const output = boundedOutput(4, 4)
  output.add(Buffer.from('ab'))
  output.add(Buffer.from('cdef'))
  expect(Buffer.from(output.bytes()).toString()).toBe('abcdef')
  expect(output.isWhole).toBe(true)
})
