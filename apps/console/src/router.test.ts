import { expect, test } from 'vitest'

import { keepKey } from './client.ts'
import { routeOf } from './router.ts'

test.each([
  ['', 'runs', undefined, ''],
  ['#', 'runs', undefined, ''],
  ['#/approvals', 'approvals', undefined, ''],
  ['#/runs/01a7?x=1', 'runs', '01a7', 'x=1'],
  ['#/runs/?state=failed', 'runs', undefined, 'state=failed'],
])('%s leads to %s', (hash, view, id, parameters) => {
  const route = routeOf(hash)
  expect([route.view, route.id, route.parameters.toString()]).toEqual([view, id, parameters])
})

test('the key of the entry is kept and leaves the address; nothing else in an address is a key', () => {
  const key = 'k'.repeat(43)
  const kept: string[] = []
  const addresses: string[] = []
  const enter = (hash: string) =>
    keepKey(hash, { setItem: (_, value) => void kept.push(value) }, (url) => void addresses.push(url))
  for (const hash of ['', '#/runs', `#key=${key}k`, '#key=', `#/runs?key=${key}`]) enter(hash)
  expect(kept).toEqual([])
  enter(`#key=${key}`)
  expect([kept, addresses]).toEqual([[key], ['/']])
})
