import { expect, test } from 'vitest'

import { virtualTime } from '../test/support/virtual-time.ts'
import { openAlarm } from './alarm.ts'

test('one timer, for the earliest time and no later than the next look', async () => {
  const time = virtualTime(1000)
  const process = time.process()
  const rings: number[] = []
  const { clock, timers } = process.environment
  const alarm = openAlarm({ clock, timers }, 250, () => rings.push(time.now))
  for (const at of [9000, 1100, 1200, 900]) alarm.setFor(at)
  expect(process.timers).toBe(1)
  await time.pass(1)
  expect(rings).toEqual([1000])
  alarm.setFor(9000)
  await time.pass(1000)
  // Whoever is rung says when the next time is.
  expect(rings).toEqual([1000, 1251])
  alarm.setFor(9000)
  alarm.stop()
  await time.pass(1000)
  expect([rings.length, process.timers]).toEqual([2, 0])
})
