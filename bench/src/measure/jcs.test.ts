import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { measure } from './jcs.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'measure-jcs-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function numbers(text: string): Promise<string[]> {
  const path = join(folder, 'numbers.txt')
  await writeFile(path, text)
  return ['--numbers', path]
}

test('counts lines and wrong texts, with and without leading zeros and a final newline', async () => {
  const right = [
    '4340000000000001,9007199254740994',
    '0,0',
    '1,5e-324',
    '3eb0c6f7a0b5ed8d,0.000001',
    'c430000000000000,-295147905179352830000',
  ]
  expect(await measure(await numbers(right.join('\n')))).toEqual({ total: 5, failed: 0 })
  expect(await measure(await numbers(`${right.join('\r\n')}\r\n`))).toEqual({ total: 5, failed: 0 })
  expect(await measure(await numbers(`${right.join('\n')}\n3ff0000000000000,1.0\n`))).toEqual({ total: 6, failed: 1 })
})

test('a file of many chunks loses no line', async () => {
  const bits = new DataView(new ArrayBuffer(8))
  const lines = Array.from({ length: 200_000 }, (_, index) => {
    bits.setFloat64(0, index / 7)
    return `${bits.getBigUint64(0).toString(16)},${index / 7}`
  })
  expect(await measure(await numbers(lines.join('\n')))).toEqual({ total: 200_000, failed: 0 })
})

test.each([
  ['no comma', '3ff0000000000000 1'],
  ['no hex', 'xyz,1'],
  ['too much hex', '03ff0000000000000,1'],
  ['no text', '3ff0000000000000,'],
  ['an empty line', '3ff0000000000000,1\n\n3ff0000000000000,1'],
  ['bits of no finite number', '7ff0000000000000,Infinity'],
  ['one endless line', 'a'.repeat(3_000_000)],
  ['nothing', ''],
])('%s is one clear error', async (_, text) => {
  await expect(measure(await numbers(text))).rejects.toThrow(/^Expected .*numbers file/)
})

test('a missing file or option is one clear error', async () => {
  await expect(measure(['--numbers', join(folder, 'missing.txt')])).rejects.toThrow(
    /^Expected --numbers to name a file/,
  )
  await expect(measure(['--numbers', folder])).rejects.toThrow(/^Expected --numbers to name a file/)
  await expect(measure([])).rejects.toThrow(/^Expected --numbers FILE/)
})
