import { describe, expect, test } from 'vitest'

import { keyPlan } from './key-plan.ts'
import { Utf8Buffer } from './utf8-buffer.ts'

const isRemembered = (names: readonly string[]): boolean => keyPlan([...names]) === keyPlan([...names])
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `numbered ${index}`)

test('members come in canonical order, and are read by the names they have', () => {
  const plan = keyPlan(['z', 'e\u0301', 'a'])
  expect(plan?.members.map(({ name }) => name)).toEqual(['a', 'z', 'e\u0301'])
  const labels = new Utf8Buffer()
  for (const { label } of plan?.members ?? []) labels.fixed(label)
  expect(String(labels)).toBe('{"a":,"z":,"é":')
})

test('names that are equal after NFC, and half a pair, have no plan', () => {
  expect([keyPlan(['é', 'a', 'e\u0301']), keyPlan(['a', '\ud800'])]).toEqual([undefined, undefined])
})

describe('what is remembered', () => {
  test('is the plan of the same names in the same order', () => {
    const plan = keyPlan(['first', 'second'])
    expect(keyPlan(['first', 'second'])).toBe(plan)
    for (const names of [['second', 'first'], ['first'], ['first', 'second', 'third'], ['first', 'secant']])
      expect(keyPlan(names)?.names).toEqual(names)
    expect(keyPlan(['first', 'second'])?.names).toEqual(['first', 'second'])
  })

  test('keeps four shapes that share a slot side by side, and takes a fifth in the place of one', () => {
    // A slot is chosen by lengths and first letters. What other tests left in it is pushed out first.
    for (const letter of 'wxyz') keyPlan([`slot ${letter}`])
    const shapes = ['slot a', 'slot b', 'slot c', 'slot d'].map((name) => [name])
    const plans = shapes.map(keyPlan)
    expect(shapes.map(keyPlan).every((plan, index) => plan === plans[index])).toBe(true)
    expect(isRemembered(['slot e'])).toBe(true)
    expect(shapes.map(keyPlan).filter((plan, index) => plan !== plans[index])).not.toHaveLength(0)
  })

  test('is not given for names of which it has only the first, whatever slot they fall into', () => {
    for (let letter = 0x100; letter < 0x900; letter += 1) {
      keyPlan(['id'])
      expect(keyPlan(['id', String.fromCharCode(letter)])?.members).toHaveLength(2)
    }
  })

  test('is bounded: an attacker’s many or long names are planned anew each time', () => {
    expect([64, 65].map((count) => isRemembered(numbered(count)))).toEqual([true, false])
    expect([128, 129].map((length) => isRemembered(['short', 'n'.repeat(length)]))).toEqual([true, false])
  })
})
