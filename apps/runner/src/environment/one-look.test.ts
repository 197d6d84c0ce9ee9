import { expect, test, vi } from 'vitest'

import type { SourceReader } from '@ctxlock/contracts/ports'

import { oneLook } from './one-look.ts'

function workspace() {
  const files = new Map([['a.md', 'first']])
  const read = vi.fn<SourceReader['read']>((path) => {
    const text = files.get(path)
    return text === undefined ? { status: 'missing' } : { status: 'read', bytes: Buffer.from(text) }
  })
  return { files, read, look: () => oneLook({ read }) }
}

const textOf = (read: ReturnType<SourceReader['read']>) =>
  read.status === 'read' ? Buffer.from(read.bytes).toString('utf8') : read.status

test('a file is read once for a moment, and anew for the next', () => {
  const { files, read, look } = workspace()
  const now = look()
  expect([textOf(now.read('a.md')), now.lend?.('a.md', (bytes) => bytes.length)]).toEqual([
    'first',
    { status: 'read', result: 5 },
  ])
  files.set('a.md', 'second')
  expect(textOf(now.read('a.md'))).toBe('first')
  expect(textOf(look().read('a.md'))).toBe('second')
  expect(read).toHaveBeenCalledTimes(2)
})

test('a file that is not there stays so for the moment', () => {
  const { files, look } = workspace()
  const now = look()
  expect(textOf(now.read('b.md'))).toBe('missing')
  files.set('b.md', 'too late')
  expect([textOf(now.read('b.md')), now.lend?.('b.md', () => 0)]).toEqual(['missing', { status: 'missing' }])
})

test('what one of them does to its bytes reaches nobody else', () => {
  const now = workspace().look()
  const first = now.read('a.md')
  if (first.status === 'read') first.bytes.fill(0)
  expect(textOf(now.read('a.md'))).toBe('first')
})

test('a read with a limit of its own is a read of its own', () => {
  const { read, look } = workspace()
  const now = look()
  now.read('a.md')
  now.read('a.md', { maxBytes: 2 })
  expect(read.mock.lastCall).toEqual(['a.md', { maxBytes: 2 }])
})
