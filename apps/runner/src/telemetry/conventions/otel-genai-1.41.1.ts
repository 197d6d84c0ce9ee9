import type { Convention } from '../convention.ts'

const MODEL = {
  'gen_ai.provider.name': { from: 'payload.provider_id' },
  'gen_ai.request.model': { from: 'payload.model_id' },
} as const
const CONSENT = {
  'gen_ai.request.model': { from: 'payload.requested_model_id' },
  'fr.actor': { from: 'actor' },
} as const

/** OpenTelemetry's GenAI conventions as they stood in semantic-conventions v1.41.1, the last numbered release that holds them. */
export const OTEL_GENAI_1_41_1: Convention = {
  id: 'otel-genai@1.41.1',
  schemaUrl: 'https://opentelemetry.io/schemas/1.41.1',
  common: {
    'gen_ai.conversation.id': { from: 'model_session_id' },
    'fr.job.id': { from: 'job_id' },
    'fr.event.id': { from: 'event_id' },
    'fr.event.hash': { from: 'event_hash' },
    'fr.event.seq': { from: 'seq' },
  },
  spans: [
    {
      event: 'run_end',
      operation: 'invoke_workflow',
      kind: 'internal',
      took: 'run',
      failed: 'payload.error_code',
      attributes: {
        'gen_ai.operation.name': { is: 'invoke_workflow' },
        'gen_ai.workflow.name': { is: 'ctxlock' },
        'error.type': { from: 'payload.error_code' },
        'fr.run.outcome': { from: 'payload.outcome' },
        'fr.run.events': { from: 'payload.events_expected' },
      },
    },
    {
      event: 'llm_inference',
      operation: 'chat',
      subject: 'payload.model_id',
      kind: 'client',
      took: 'payload.latency_ms',
      failed: 'payload.error_code',
      attributes: {
        ...MODEL,
        'gen_ai.operation.name': { is: 'chat' },
        'gen_ai.output.type': { is: 'text' },
        'gen_ai.usage.input_tokens': { from: 'payload.token_usage.prompt_tokens' },
        'gen_ai.usage.output_tokens': { from: 'payload.token_usage.completion_tokens' },
        'gen_ai.usage.cache_read.input_tokens': { from: 'payload.cached_prompt_tokens' },
        'error.type': { from: 'payload.error_code' },
        'fr.backend': { from: 'payload.backend' },
        'fr.call.id': { from: 'payload.call_id' },
        'fr.prompt.digest': { from: 'payload.prompt_hash' },
        'fr.response.digest': { from: 'payload.response_hash' },
        'fr.usage.source': { from: 'payload.usage_source' },
      },
    },
    {
      event: 'context_pack_bound',
      operation: 'fr.bind',
      kind: 'internal',
      attributes: {
        'fr.pack.requested_hash': { from: 'payload.role_pack.requested_hash' },
        'fr.pack.effective_hash': { from: 'payload.role_pack.effective_hash' },
        'fr.pack.assembly': { from: 'payload.assembly' },
        'fr.pack.constraint_check': { from: 'payload.constraint_check' },
      },
    },
    {
      event: 'micro_task_iteration_complete',
      operation: 'invoke_agent',
      kind: 'internal',
      took: 'payload.execution.duration_ms',
      attributes: {
        'gen_ai.operation.name': { is: 'invoke_agent' },
        'gen_ai.usage.input_tokens': { from: 'payload.execution.tokens_prompt' },
        'gen_ai.usage.output_tokens': { from: 'payload.execution.tokens_completion' },
        'fr.mt.iteration': { from: 'iteration' },
        'fr.mt.status': { from: 'payload.outcome.status' },
        'fr.mt.decision': { from: 'payload.decision' },
        'fr.mt.escalation_level': { from: 'payload.execution.escalation_level' },
      },
    },
    {
      event: 'micro_task_validation',
      operation: 'fr.validate',
      kind: 'internal',
      took: 'payload.duration_ms',
      attributes: {
        'gen_ai.evaluation.name': { is: 'micro_task_validation' },
        'gen_ai.evaluation.score.label': { from: 'payload.passed', words: { true: 'pass', false: 'fail' } },
        'fr.validation.specs_total': { from: 'payload.specs_total' },
        'fr.validation.specs_passed': { from: 'payload.specs_passed' },
      },
    },
    { event: 'cloud_escalation_requested', operation: 'fr.consent.requested', kind: 'internal', attributes: CONSENT },
    { event: 'cloud_escalation_approved', operation: 'fr.consent.approved', kind: 'internal', attributes: CONSENT },
    {
      event: 'cloud_escalation_denied',
      operation: 'fr.consent.denied',
      kind: 'internal',
      attributes: { ...CONSENT, 'fr.consent.denied_check': { from: 'payload.denied_check' } },
    },
    {
      event: 'cloud_escalation_executed',
      operation: 'fr.consent.executed',
      kind: 'internal',
      attributes: { ...CONSENT, 'fr.consent.scope': { from: 'payload.consent_scope' } },
    },
    {
      event: 'model_swap_completed',
      operation: 'fr.swap.completed',
      kind: 'internal',
      attributes: {
        'fr.swap.request_id': { from: 'payload.request_id' },
        'fr.swap.from': { from: 'payload.current_model_id' },
        'fr.swap.to': { from: 'payload.target_model_id' },
        'fr.swap.strategy': { from: 'payload.swap_strategy' },
      },
    },
    {
      event: 'security_violation',
      operation: 'fr.violation',
      kind: 'internal',
      failed: 'payload.violation_type',
      attributes: {
        'error.type': { from: 'payload.violation_type' },
        'fr.violation.severity': { from: 'payload.severity' },
        'fr.violation.action': { from: 'payload.action_taken' },
      },
    },
  ],
}
