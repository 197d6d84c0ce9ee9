// What happens in a run, for whoever follows it: a terminal, a program that reads `--json`, a browser. All of them are told the
// same events, and every one of these is on record: what is shown can be read back from the log.
import type { EventType, FlightEvent, UnhashedEvent } from './events.ts'
import { MICRO_TASK_EVENTS } from './events/micro-task.ts'
import { MODEL_SWAP_EVENTS } from './events/model-swap.ts'

type OwnPart<Event> = Event extends { fr_event_id: unknown; mt_id?: unknown; iteration?: unknown }
  ? Pick<Event, Extract<keyof Event, 'fr_event_id' | 'type' | 'mt_id' | 'iteration' | 'payload'>>
  : never

type ProgressType =
  | (typeof MICRO_TASK_EVENTS)[number]['shape']['type']['value']
  | (typeof MODEL_SWAP_EVENTS)[number]['shape']['type']['value']
  | 'session.budget_warning'
  | 'status_line'

/** The part of a recorded event that is its own; a whole event of the log is one too. */
export type ProgressEvent = OwnPart<Extract<FlightEvent, { type: ProgressType }>>

const PROGRESS_TYPES: ReadonlySet<EventType> = new Set<ProgressType>([
  ...[...MICRO_TASK_EVENTS, ...MODEL_SWAP_EVENTS].map(({ shape }) => shape.type.value),
  'session.budget_warning',
  'status_line',
])

/** Whether an event of the log tells how a run gets on. */
export function isProgress<Event extends UnhashedEvent>(event: Event): event is Extract<Event, { type: ProgressType }> {
  return PROGRESS_TYPES.has(event.type)
}

/** An event as programs are given it, wherever it comes from: without ids, time and place in the log. */
export function progressJson({ fr_event_id, type, mt_id, iteration, payload }: ProgressEvent): object {
  return {
    fr_event_id,
    type,
    ...(mt_id !== undefined && { mt_id }),
    ...(iteration !== undefined && { iteration }),
    payload,
  }
}
