import type { Fields } from './fields.ts'
import type { ReadEvent } from './read-event.ts'

/** Something that was decided, refused, granted or changed, in a line. */
export interface DecisionFacts {
  readonly seq: number
  readonly at: string
  readonly by: string
  readonly what: string
  readonly tone: 'plain' | 'good' | 'warn' | 'bad'
}

type Telling = (payload: Fields, event: Fields) => { readonly what: string; readonly tone?: DecisionFacts['tone'] }

const words = (text: string | undefined): string => (text ?? 'unknown').replaceAll('_', ' ')

const TOLD: Readonly<Record<string, Telling>> = {
  micro_task_iteration_complete: (payload, event) => ({
    what: `${event.text('mt_id')}, iteration ${event.number('iteration') ?? '?'}: ${words(payload.text('decision'))}${because(payload.text('outcome', 'failure_category'))}`,
    tone: payload.text('decision') === 'complete' ? 'good' : 'warn',
  }),
  micro_task_validation: (payload, event) => ({
    what: `${event.text('mt_id')} was checked: ${payload.number('specs_passed')} of ${payload.number('specs_total')} commands passed`,
    tone: payload.flag('passed') ? 'good' : 'warn',
  }),
  micro_task_escalated: (payload) => ({
    what: `Escalated from ${payload.text('from_model')} to ${payload.text('to_model')}${because(payload.text('failure_category'))}`,
    tone: 'warn',
  }),
  micro_task_drop_back: (payload) => ({
    what: `Went back from ${payload.text('from_model')} to ${payload.text('to_model')}`,
  }),
  micro_task_hard_gate: (payload) => ({ what: `Stopped at a gate: ${words(payload.text('reason'))}`, tone: 'warn' }),
  micro_task_resumed: (payload) => ({ what: `A person answered the gate: ${words(payload.text('decision'))}` }),
  micro_task_skipped: (payload) => ({ what: `Left out: ${words(payload.text('reason'))}`, tone: 'warn' }),
  micro_task_blocked: (payload) => ({ what: `Blocked: ${words(payload.text('reason'))}`, tone: 'warn' }),
  micro_task_loop_failed: (payload) => ({ what: `The task failed: ${words(payload.text('reason'))}`, tone: 'bad' }),
  micro_task_loop_cancelled: (payload) => ({ what: `Cancelled: ${words(payload.text('reason'))}`, tone: 'warn' }),
  cloud_escalation_requested: (payload) => ({
    what: `Asked a person to let bytes go to ${payload.text('requested_model_id')}`,
  }),
  cloud_escalation_approved: (payload) => ({
    what: `Approved for ${payload.text('requested_model_id')} with receipt ${payload.text('consent_receipt_id')}`,
    tone: 'good',
  }),
  cloud_escalation_denied: (payload) => ({
    what: `Denied for ${payload.text('requested_model_id')}${because(payload.text('denied_check'))}`,
    tone: 'warn',
  }),
  cloud_escalation_executed: (payload) => ({
    what: `Left this machine for ${payload.text('requested_model_id')} under receipt ${payload.text('consent_receipt_id')}${because(payload.text('consent_scope'))}`,
  }),
  security_violation: (payload) => ({
    what: `${words(payload.text('violation_type'))}, found by ${payload.text('guard')} (${payload.text('error_code')}): ${words(payload.text('action_taken'))}`,
    tone: 'bad',
  }),
  injection_waived: (payload) => ({
    what: `${payload.number('count')} suspicious places waived by ${payload.text('approver')}`,
    tone: 'warn',
  }),
  network_exception_used: (payload) => ({
    what: `A network exception was used for ${payload.text('provider_id')}`,
    tone: 'warn',
  }),
  model_swap_completed: (payload) => ({
    what: `Changed the model from ${payload.text('current_model_id')} to ${payload.text('target_model_id')}`,
  }),
  model_swap_failed: (payload) => ({
    what: `Could not change the model to ${payload.text('target_model_id')}`,
    tone: 'warn',
  }),
  edits_accepted: (payload) => ({ what: `Edits of ${payload.number('files_total')} files accepted`, tone: 'good' }),
  edits_refused: (payload) => ({ what: `Edits refused: ${payload.text('error_code')}`, tone: 'warn' }),
  erasure_ordered: (payload) => ({
    what: `Texts were ordered to be erased (${words(payload.text('cause'))}): ${payload.text('reason')}`,
    tone: 'warn',
  }),
  unsandboxed_allowed: () => ({ what: 'Commands without a sandbox were allowed', tone: 'warn' }),
  patch_applied: (payload) => ({
    what: `The patch of ${payload.number('files_total')} files was applied`,
    tone: 'good',
  }),
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${words(reason)})`
}

export function decisionFacts(events: readonly ReadEvent[]): DecisionFacts[] {
  return events.flatMap(({ seq, at, type, fields }) => {
    const telling = Object.hasOwn(TOLD, type) ? TOLD[type] : undefined
    if (!telling) return []
    const { what, tone = 'plain' } = telling(fields.at('payload'), fields)
    return [{ seq, at, by: fields.text('actor') ?? 'unknown', what, tone }]
  })
}
