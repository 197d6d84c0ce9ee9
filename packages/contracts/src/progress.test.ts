import { expect, test } from 'vitest'

import { FlightEvent } from './events.ts'
import { isProgress, progressJson } from './progress.ts'
import { eventSamples } from './testing/event-samples.ts'

test('tells the events of a run from all others, and gives programs nothing of their envelope', () => {
  const events = eventSamples().map(({ event }) => FlightEvent.parse(event))
  const progress = events.filter(isProgress)
  const families = new Set(progress.map(({ fr_event_id }) => fr_event_id.replace(/-\d+$/, '')))
  expect(families).toEqual(
    new Set(['FR-EVT-MT', 'FR-EVT-X-MT', 'FR-EVT-MODEL', 'FR-EVT-X-SWAP', 'FR-EVT-SESS', 'FR-EVT-X-STATUS']),
  )
  for (const event of progress) {
    const told = JSON.parse(JSON.stringify(progressJson(event)))
    const { fr_event_id, type, mt_id, iteration, payload } = event
    expect(told).toEqual(JSON.parse(JSON.stringify({ fr_event_id, type, mt_id, iteration, payload })))
  }
})
