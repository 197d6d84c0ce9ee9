import type { Tone } from '@ctxlock/console'
import type { FlightEvent } from '@ctxlock/contracts/events'
import { pathOfSourceId } from '@ctxlock/contracts/references'

import { EXIT_CODE } from '../exit-code.ts'
import { usdText } from '../output/cost-text.ts'
import { sourceOfTarget } from '../output/source-of-target.ts'

/** What happened, what of it matters, and how it bears on the run. */
type EventWords = readonly [title: string, detail?: string, tone?: Tone]

export function eventWords(event: FlightEvent): EventWords {
  switch (event.type) {
    case 'run_header':
      return ['Run began', `${event.payload.command ?? 'run'} under the profile ${event.payload.profile_id}`]
    case 'run_end':
      if (event.payload.exit_code === EXIT_CODE.needsPerson)
        return ['Run stopped: a person has to decide', exitText(event.payload), 'warn']
      return [`Run ended: ${words(event.payload.outcome)}`, exitText(event.payload), outcomeTone(event.payload.outcome)]
    case 'call_intent':
      return ['Call is about to leave', `${event.payload.payload_size} bytes to ${event.payload.model_id}`, 'live']
    case 'llm_inference': {
      const { token_usage, usage_source = 'none', latency_ms, effective_model_id, model_id, error_code } = event.payload
      const { prompt_tokens, completion_tokens } = token_usage
      const tokens =
        usage_source === 'none' ? 'tokens not counted' : `${prompt_tokens} tokens in, ${completion_tokens} out`
      const time = latency_ms === undefined ? '' : `, ${latency_ms} ms`
      const who = effective_model_id ?? model_id
      return error_code === undefined
        ? ['Model answered', `${who}, ${tokens}${time}`]
        : ['Model failed', `${who}: ${error_code}`, 'bad']
    }
    case 'call_settled': {
      const { outcome, quotations, cost_micro_usd } = event.payload
      const quoted = quotations
        ? `${quotations.verified + quotations.repaired} quotations stand in the sources, ${quotations.failed} do not`
        : ''
      const cost = cost_micro_usd === undefined ? '' : `${usdText(cost_micro_usd)} USD`
      return [
        `Call settled: ${words(outcome)}`,
        [quoted, cost].filter(Boolean).join('; '),
        outcome === 'accepted' ? 'good' : 'warn',
      ]
    }
    case 'ace_call_report':
      return [
        'Context compiled and judged',
        `${event.payload.selected_ids.length} of ${event.payload.candidate_count} candidates shown`,
        event.payload.degraded ? 'warn' : 'plain',
      ]
    case 'context_pack_bound':
      return [
        'Packs bound',
        `${words(event.payload.reason)}, ${words(event.payload.assembly)}, constraints ${event.payload.constraint_check}`,
      ]
    case 'context_pack_built':
    case 'context_pack_reused':
    case 'context_pack_refreshed':
      return [capital(words(event.type)), sourceName(event.payload.target)]
    case 'work_profile_resolved':
      return [
        'Model chosen',
        `${Object.values(event.payload.resolved_models).join(', ')} by the profile ${event.payload.profile_id}`,
      ]
    case 'session.created':
      return ['Model session opened', `${event.payload.model_id}, ${event.payload.backend}`]
    case 'session.state_change':
      return ['Model session', `${event.payload.from_state} to ${event.payload.to_state}`.toLowerCase()]
    case 'session.completed':
      return ['Model session closed', `${event.payload.total_tokens} tokens`]
    case 'session_scheduler.enqueue':
      return ['Waits for its turn', event.payload.concurrency_group]
    case 'session_scheduler.dispatch':
      return ['Has its turn', `after ${event.payload.queue_wait_ms} ms`]
    case 'context_pack_stale_outcome':
      return [
        'Pack was stale',
        `${sourceName(event.payload.target)}: ${event.payload.context_pack_stale_reason ?? ''}, ${words(event.payload.outcome)}`,
        'warn',
      ]
    case 'micro_task_iteration_started':
      return ['Iteration began', `level ${event.payload.escalation_level}, ${event.payload.model_id}`]
    case 'micro_task_iteration_complete': {
      const { outcome, decision } = event.payload
      return [`Iteration: ${words(decision)}`, outcome.error_summary ?? '', decision === 'complete' ? 'good' : 'warn']
    }
    case 'micro_task_complete':
      return ['Micro-task complete', `after ${event.payload.iterations} iterations`, 'good']
    case 'micro_task_escalated':
      return [
        'Escalated',
        `from ${event.payload.from_model} to ${event.payload.to_model}: ${event.payload.reason}`,
        'warn',
      ]
    case 'micro_task_hard_gate':
      return ['Waits for a person', words(event.payload.reason), 'warn']
    case 'micro_task_pause_requested':
      return ['Pause asked for', words(event.payload.pause_point)]
    case 'micro_task_resumed':
      return [`Person decided: ${event.payload.decision}`, event.payload.resumed_by, 'live']
    case 'micro_task_validation':
      return [
        event.payload.passed ? 'Checks passed' : 'Checks failed',
        `${event.payload.specs_passed} of ${event.payload.specs_total}`,
        event.payload.passed ? 'good' : 'bad',
      ]
    case 'micro_task_loop_completed':
      return [
        'All micro-tasks are done',
        `${event.payload.completed} completed, ${event.payload.skipped} skipped`,
        'good',
      ]
    case 'micro_task_loop_failed':
    case 'micro_task_loop_cancelled':
      return [capital(words(event.type)), event.payload.reason, 'bad']
    case 'cloud_escalation_requested':
      return [
        'A cloud call was asked for',
        `${event.payload.requested_model_id}: ${words(event.payload.reason)}`,
        'warn',
      ]
    case 'cloud_escalation_approved':
      return ['A person approved the bytes', event.payload.requested_model_id, 'good']
    case 'cloud_escalation_denied':
      return [
        'The cloud call was denied',
        event.payload.denied_check === undefined ? 'by a person' : `check ${event.payload.denied_check}`,
        'bad',
      ]
    case 'cloud_escalation_executed':
      return ['Bytes leave to the cloud', event.payload.requested_model_id, 'live']
    case 'gov_human_intervention_requested':
      return ['A person is asked', words(event.payload.gate_type)]
    case 'gov_human_intervention_received':
      return [`Person answered: ${event.payload.decision ?? ''}`, event.payload.user_id ?? '', 'live']
    case 'security_violation':
      return [
        `Violation: ${words(event.payload.violation_type)}`,
        `${event.payload.guard}, ${event.payload.action_taken}`,
        'bad',
      ]
    case 'injection_waived':
      return ['Hits were waived', `${event.payload.count}, by ${event.payload.approver}`, 'warn']
    case 'command_ended':
      return [
        'Command ended',
        event.payload.failure ?? `exit code ${event.payload.exit_code ?? 'none'}`,
        event.payload.exit_code === 0 ? 'good' : 'warn',
      ]
    case 'edits_refused':
      return ['Edits refused', event.payload.error_code, 'warn']
    case 'model_swap_failed':
    case 'model_swap_timeout':
    case 'model_swap_rollback':
      return [capital(words(event.type)), `to ${event.payload.target_model_id}`, 'bad']
    case 'status_line':
      return [
        `Status: ${words(event.payload.state.toLowerCase())}`,
        `${words(event.payload.phase.toLowerCase())}, ${event.payload.mt}`,
      ]
    default:
      return [capital(words(event.type))]
  }
}

function sourceName(target: string): string {
  const source = sourceOfTarget(target)
  return pathOfSourceId(source) ?? source
}

function words(name: string): string {
  return name.replaceAll(/[_.]/g, ' ').replace('micro task', 'micro-task')
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function exitText({ exit_code, error_code }: { readonly exit_code: number; readonly error_code?: string }): string {
  return `exit code ${exit_code}${error_code === undefined ? '' : `, ${error_code}`}`
}

function outcomeTone(outcome: string): Tone {
  if (outcome === 'completed') return 'good'
  return outcome === 'failed' || outcome === 'poisoned' ? 'bad' : 'warn'
}
