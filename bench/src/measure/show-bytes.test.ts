import { expect, test } from 'vitest'

import { measure } from './show-bytes.ts'

test('what show prints is what came off the socket', async () => {
  expect(await measure(['--calls', '8', '--seed', '20261123'])).toMatchObject({ calls: 8, captured: 8, same: 8 })
})
