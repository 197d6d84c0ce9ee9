import { expect, test } from 'vitest'

import { METER, meteredModule } from './metered-module.ts'
import { WebAssembly } from './web-assembly.ts'

/**
 * (import "e" "g" (global i32)) (import "e" "f" (func (param i32) (result i32))) (global (mut i32) (i32.const 7))
 * (func $twice (param i32) (result i32) (local i32 i32) (call $plus (call $plus (local.get 0))))
 * (func $plus (param i32) (result i32) (i32.add (local.get 0) (global.get 0))), with "twice" exported.
 */
const MODULE = Buffer.from(
  [
    '0061736d01000000',
    '01060160017f017f',
    '020e0201650167037f00016501660000',
    '0303020000',
    '0606017f0141070b',
    '0709010574776963650001',
    '0a1402',
    '0a01027f2000100210020b',
    '0700200023006a0b',
  ].join(''),
  'hex',
)

test('counts the calls of every function and leaves what they compute', () => {
  const imports = { e: { g: new WebAssembly.Global({ value: 'i32' }, 10), f: () => 0 } }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(meteredModule(MODULE)), imports)
  const { twice, [METER]: meter } = instance.exports
  if (typeof twice !== 'function' || !(meter instanceof WebAssembly.Global)) throw new Error('not exported')
  expect(meter.value).toBe(0)
  expect([twice(1), twice(2)]).toEqual([21, 22])
  expect(meter.value).toBe(6)
  meter.value = 0
  expect(twice(3)).toBe(23)
  expect(meter.value).toBe(3)
  meter.value = -4
  expect(twice(3)).toBe(23)
  expect(() => twice(3)).toThrow('unreachable')
})
