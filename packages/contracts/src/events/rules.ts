import type { EventType, UnhashedEvent } from './catalogue.ts'

export interface RuleViolation {
  readonly pointer: string
  readonly expected: string
}

const RULED: ReadonlySet<unknown> = new Set<EventType>([
  'llm_inference',
  'llm_exec_policy',
  'security_violation',
  'micro_task_validation',
  'ace_call_report',
  'erasure_ordered',
])

/** Whether there are such rules for a type of event. */
export function hasRules(type: unknown): boolean {
  return RULED.has(type)
}

/** The rules between fields of one event, which JSON Schema cannot say; undefined when the event keeps them. */
export function findRuleViolation(event: UnhashedEvent): RuleViolation | undefined {
  switch (event.type) {
    case 'llm_inference':
      return sameTrace(event)
    case 'llm_exec_policy':
      // REC-018
      if (event.payload.downgraded === true && !event.payload.downgrade_reason) {
        return { pointer: '/payload/downgrade_reason', expected: 'a reason, because `downgraded` is true' }
      }
      return sameTrace(event)
    case 'security_violation':
      return violationRule(event.payload)
    case 'micro_task_validation':
      if (event.payload.specs_passed > event.payload.specs_total) {
        return { pointer: '/payload/specs_passed', expected: 'at most specs_total' }
      }
      return undefined
    case 'ace_call_report':
      if (event.payload.selected_ids.length !== event.payload.selected_hashes.length) {
        return { pointer: '/payload/selected_hashes', expected: 'one hash for each of selected_ids' }
      }
      return undefined
    case 'erasure_ordered':
      if (event.payload.events.every(({ from, to }) => from <= to)) return undefined
      return { pointer: '/payload/events', expected: 'ranges whose first position is not behind their last' }
    default:
      return undefined
  }
}

/** REC-007: the trace in the payload is the one in the envelope. */
function sameTrace(event: { trace_id: string; payload: { trace_id: string } }): RuleViolation | undefined {
  if (event.payload.trace_id === event.trace_id) return undefined
  return { pointer: '/payload/trace_id', expected: 'the trace_id of the envelope' }
}

function violationRule(payload: Extract<UnhashedEvent, { type: 'security_violation' }>['payload']) {
  if (payload.violation_type === 'prompt_injection') {
    if (payload.severity !== 'critical')
      return { pointer: '/payload/severity', expected: '`critical` for an injection' }
    if (!payload.matches?.length) return { pointer: '/payload/matches', expected: 'at least one match' }
  } else if (payload.matches) {
    return { pointer: '/payload/matches', expected: 'nothing: only an injection has matches' }
  }
  return undefined
}
