import { describe, expect, test } from 'vitest'

import { DEFAULT_EXECUTION_POLICY, ExecutionPolicy, ProgressArtifact, RunLedgerRecord } from './micro-task-run.ts'
import { MicroTaskDefinitions, ScopePattern, TaskFile } from './micro-task.ts'

const at = '2026-11-20T12:00:00.000Z'

describe('scope patterns', () => {
  test.each(['src', 'src/', 'src/a.ts', 'src/**/*.ts', '**', '.github/', '*.md', 'a b/'])(
    '%s is accepted',
    (pattern) => {
      expect(ScopePattern.safeParse(pattern).success).toBe(true)
    },
  )
  test.each(['', '/', '../', '../a', 'a/../b/', './src/', '/etc/', '~/', 'C:/a/', 'a//b/', 'a\\b/', 'a\nb/'])(
    '%j is refused',
    (pattern) => {
      expect(ScopePattern.safeParse(pattern).success).toBe(false)
    },
  )
})

test('a task file needs a goal, a scope and a way to tell that it is done', () => {
  const task = { schema_version: 'ctxlock.task@1', goal: 'g', scope: ['src/'], done: ['d'] }
  expect(TaskFile.safeParse(task).success).toBe(true)
  for (const field of ['schema_version', 'goal', 'scope', 'done']) {
    expect(TaskFile.safeParse({ ...task, [field]: undefined }).success).toBe(false)
  }
})

test.each([
  [{ scope: ['.'] }, 'a folder such as src/'],
  [{ files: { modify: ['./a.ts'] } }, 'without a leading / or ./'],
  [{ done: [3] }, 'one line of text'],
  [{ done: ['a\nb'] }, 'one line of text'],
  [{ verify: [3] }, 'a command line'],
])('a wrong task file %j is told what was expected', (wrong, expected) => {
  const task = { schema_version: 'ctxlock.task@1', goal: 'g', scope: ['src/'], done: ['d'], ...wrong }
  expect(TaskFile.safeParse(task).error?.issues[0]?.message).toContain(expected)
})

test('definitions without generator and packet hash are not accepted (MT-002)', () => {
  expect(MicroTaskDefinitions.safeParse({ schema_version: 'ctxlock.mt_definitions@1', definitions: [] }).success).toBe(
    false,
  )
})

describe('records of a run', () => {
  const state = {
    current_mt_index: 0,
    current_iteration: 1,
    current_escalation_level: 0,
    current_model_id: 'extractive',
    total_iterations: 1,
    total_escalations: 0,
    total_drop_backs: 0,
    consecutive_failures: 0,
    consecutive_false_completions: 0,
    started_at: at,
    last_activity_at: at,
    phase: 'executing_mt',
  }
  const progress = {
    schema_version: '1.0',
    wp_id: 'WP-1',
    job_id: 'job-1',
    created_at: at,
    updated_at: at,
    status: 'in_progress',
    policy: DEFAULT_EXECUTION_POLICY,
    current_state: state,
    micro_tasks: [{ mt_id: 'MT-001', name: 'n', status: 'pending', iterations: [], evidence_refs: [] }],
    aggregate_stats: {
      total_mts: 1,
      completed_mts: 0,
      failed_mts: 0,
      skipped_mts: 0,
      total_iterations: 0,
      iterations_at_level: [0],
      total_tokens_prompt: 0,
      total_tokens_completion: 0,
      total_duration_ms: 0,
      escalation_count: 0,
      drop_back_count: 0,
      distillation_candidates_generated: 0,
      success_rate_level_0: 0,
    },
  }

  test('the default policy is a policy', () => {
    expect(ExecutionPolicy.parse(DEFAULT_EXECUTION_POLICY)).toEqual(DEFAULT_EXECUTION_POLICY)
  })

  test('a progress artifact survives JSON, a corrupted one is refused (T-MT-01)', () => {
    expect(ProgressArtifact.parse(JSON.parse(JSON.stringify(progress)))).toEqual(progress)
    const corrupted = [
      { ...progress, status: 'done' },
      { ...progress, current_state: { ...state, current_iteration: -1 } },
      { ...progress, updated_at: 'yesterday' },
      { ...progress, micro_tasks: [{ ...progress.micro_tasks[0], mt_id: 'MT-1' }] },
      { ...progress, aggregate_stats: { ...progress.aggregate_stats, success_rate_level_0: 1.5 } },
      { ...progress, note: 'x' },
    ]
    for (const one of corrupted) expect(ProgressArtifact.safeParse(one).success).toBe(false)
  })

  test('a ledger line names its step and the hash of its call', () => {
    const line = {
      seq: 0,
      step_id: 'MT-001_iter-001',
      idempotency_key: 'a'.repeat(64),
      status: 'in_progress',
      at,
      recoverable: true,
    }
    expect(RunLedgerRecord.safeParse(line).success).toBe(true)
    expect(RunLedgerRecord.safeParse({ ...line, step_id: 'MT-001_iter-1' }).success).toBe(false)
    expect(RunLedgerRecord.safeParse({ ...line, idempotency_key: 'a' }).success).toBe(false)
  })
})
