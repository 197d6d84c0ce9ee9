import { expect, test } from 'vitest'

import { measure } from './measure/tree-changes.ts'

test('of 300 random trees each builds the same bytes twice, and one changed byte is found where it is', async () => {
  expect(await measure(['--trees', '300', '--disk', '4'])).toMatchObject({
    trees: 300,
    unequal_builds: 0,
    false_alarms: 0,
    missed: 0,
    on_disk: 4,
  })
})
