import type { Convention } from '../convention.ts'

/** OpenInference, which Phoenix reads, as its package @arizeai/openinference-semantic-conventions 2.12.0 names it. */
export const OPENINFERENCE_2_12_0: Convention = {
  id: 'openinference@2.12.0',
  common: {
    'session.id': { from: 'model_session_id' },
    'fr.event.id': { from: 'event_id' },
    'fr.event.hash': { from: 'event_hash' },
  },
  spans: [
    {
      event: 'run_end',
      operation: 'run',
      kind: 'internal',
      took: 'run',
      failed: 'payload.error_code',
      attributes: {
        'openinference.span.kind': { is: 'CHAIN' },
        'fr.run.outcome': { from: 'payload.outcome' },
      },
    },
    {
      event: 'llm_inference',
      operation: 'llm',
      subject: 'payload.model_id',
      kind: 'client',
      took: 'payload.latency_ms',
      failed: 'payload.error_code',
      attributes: {
        'openinference.span.kind': { is: 'LLM' },
        'llm.model_name': { from: 'payload.model_id' },
        'llm.provider': { from: 'payload.provider_id' },
        'llm.token_count.prompt': { from: 'payload.token_usage.prompt_tokens' },
        'llm.token_count.completion': { from: 'payload.token_usage.completion_tokens' },
        'llm.token_count.total': { from: 'payload.token_usage.total_tokens' },
        'llm.token_count.prompt_details.cache_read': { from: 'payload.cached_prompt_tokens' },
      },
    },
    {
      event: 'micro_task_iteration_complete',
      operation: 'iteration',
      kind: 'internal',
      took: 'payload.execution.duration_ms',
      attributes: {
        'openinference.span.kind': { is: 'AGENT' },
        'fr.mt.iteration': { from: 'iteration' },
        'fr.mt.status': { from: 'payload.outcome.status' },
      },
    },
    {
      event: 'micro_task_validation',
      operation: 'validation',
      kind: 'internal',
      took: 'payload.duration_ms',
      attributes: {
        'openinference.span.kind': { is: 'EVALUATOR' },
        'fr.validation.specs_passed': { from: 'payload.specs_passed' },
      },
    },
    {
      event: 'security_violation',
      operation: 'violation',
      kind: 'internal',
      failed: 'payload.violation_type',
      attributes: {
        'openinference.span.kind': { is: 'GUARDRAIL' },
        'fr.violation.type': { from: 'payload.violation_type' },
        'fr.violation.action': { from: 'payload.action_taken' },
      },
    },
  ],
}
