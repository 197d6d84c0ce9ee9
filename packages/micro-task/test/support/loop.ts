import type {
  ChildResult,
  GateAnswer,
  Judgement,
  ModelReply,
  SwapResult,
} from '@ctxlock/contracts/micro-task-iteration'
import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import {
  DEFAULT_EXECUTION_POLICY,
  type EscalationRecord,
  type ExecutionPolicy,
} from '@ctxlock/contracts/micro-task-run'
import type { ArtifactHandle } from '@ctxlock/contracts/references'

import {
  HARD_GATE,
  planLoop,
  runLoop,
  type IterationRequest,
  type LoopChild,
  type LoopEvent,
  type LoopPlan,
  type LoopState,
} from '../../src/index.ts'

export const AT = '2026-11-22T00:00:00.000Z'

export function definition(number: number, change: Partial<MicroTaskDefinition> = {}): MicroTaskDefinition {
  const id = `MT-${String(number).padStart(3, '0')}`
  return {
    mt_id: id,
    name: `part ${number}`,
    scope: 'Do it.',
    files: { read: [], modify: [`src/${number}.ts`], create: [] },
    actions: ['Do it.'],
    verify: [{ command: 'node check.mjs', expect: 'exit_0', timeout_ms: 30_000, blocking: true }],
    done: [{ description: 'It is done.', verification: 'evidence_required' }],
    depends_on: [],
    token_budget: 4096,
    task_tags: [],
    risk_level: 'medium',
    execution_tier: 'local_small',
    allowed_tools: [],
    retry_budget: 1,
    expected_output: 'patch',
    ...change,
  }
}

/** The first iteration of a run of one micro-task. */
export const FIRST_ITERATION: IterationRequest = {
  definition: definition(1),
  stepId: 'MT-001_iter-001',
  callKey: 'MT-001_iter-001/call',
  iteration: 1,
  maxIterations: 5,
  number: 1,
  level: 0,
  modelId: 'small',
  isCloud: false,
  completed: 0,
  total: 1,
}

/** Levels with these models; `GATE` stands for a person. */
export function chainOf(...models: readonly string[]): ExecutionPolicy['escalation_chain'] {
  return models.map((model, level) => {
    const isGate = model === 'GATE'
    return { level, model_id: isGate ? HARD_GATE : model, is_cloud: model.startsWith('cloud'), is_hard_gate: isGate }
  })
}

export function planOf(
  definitions: readonly MicroTaskDefinition[],
  policy: Partial<ExecutionPolicy> = {},
  locked = false,
): LoopPlan {
  const whole = { ...DEFAULT_EXECUTION_POLICY, escalation_chain: chainOf('small', 'large', 'GATE'), ...policy }
  return planLoop(definitions, whole, { wpId: 'wp', locked })
}

export interface Attempt extends Judgement {
  readonly tokens?: number
  readonly durationMs?: number
  readonly requested?: 'pause' | 'skip'
}

export const PASSED: Attempt = { outcome: { kind: 'claimed', validation_passed: true, blocking_checks: 1 } }
export const FALSE_CLAIM: Attempt = { outcome: { kind: 'claimed', validation_passed: false, blocking_checks: 1 } }
export const WORKING: Attempt = { outcome: { kind: 'working' } }
export const OUT_OF_SCOPE: Attempt = { outcome: { kind: 'scope_violation' }, category: 'scope_violation' }

export interface Script {
  attempt(request: IterationRequest, number: number): Attempt
  answer?(key: string, number: number): GateAnswer['decision']
  swap?(number: number): SwapResult
  /** Why a child run makes no call; undefined when it makes it. */
  refuse?(child: LoopChild): Extract<ChildResult, { status: 'refused' }>['cause'] | undefined
}

export interface Played {
  readonly state: LoopState
  readonly events: readonly LoopEvent[]
  readonly requests: readonly IterationRequest[]
  readonly records: readonly EscalationRecord[]
  readonly gates: readonly string[]
  readonly children: readonly string[]
}

/** Runs a loop over a script, in memory. */
export async function play(plan: LoopPlan, script: Script): Promise<Played> {
  const events: LoopEvent[] = []
  const requests: IterationRequest[] = []
  const records: EscalationRecord[] = []
  const gates: string[] = []
  const children: string[] = []
  let swaps = 0
  const attempts = new Map<string, Attempt>()
  async function reply(request: IterationRequest): Promise<ModelReply> {
    requests.push(request)
    const attempt = script.attempt(request, requests.length)
    attempts.set(request.stepId, attempt)
    return {
      status: 'answered',
      output: handle(requests.length),
      degraded: false,
      quotations: { total: 0, sound: 0 },
      call_id: uuid(requests.length),
      idempotency_key: 'b'.repeat(64),
      context_snapshot_id: uuid(requests.length),
      context_window: 8192,
      tokens_prompt: attempt.tokens ?? 100,
      tokens_completion: 0,
      started_at: AT,
      duration_ms: 0,
    }
  }
  const state = await runLoop(plan, {
    startedAt: AT,
    policyHash: 'a'.repeat(64),
    store: (record) => (records.push(record), handle(records.length)),
    callModel: reply,
    async runChild(child) {
      children.push(child.key)
      const cause = script.refuse?.(child)
      if (cause === undefined) return { status: 'replied', reply: await reply(child.request) }
      return { status: 'refused', cause, code: 'REFUSED', reason: `it was ${cause}`, at: AT }
    },
    async check({ stepId }) {
      const { tokens: _, durationMs = 10, requested = 'none', ...judgement } = attempts.get(stepId) ?? WORKING
      return { ...judgement, requested, completed_at: AT, duration_ms: durationMs }
    },
    swapModel: async () => script.swap?.((swaps += 1)) ?? { status: 'completed' },
    async answer({ key }) {
      gates.push(key)
      return { decision: script.answer?.(key, gates.length) ?? 'abort', by: 'person:test', at: AT }
    },
    async record(_, happened) {
      events.push(...happened)
    },
    onState() {},
  })
  return { state, events, requests, records, gates, children }
}

/** What a list of attempts came to, each by its level and decision. */
export function decisionsOf(events: readonly LoopEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === 'micro_task_iteration_complete'
      ? [`${event.mt_id}@${event.payload.execution.escalation_level} ${event.payload.decision}`]
      : [],
  )
}

function handle(number: number): ArtifactHandle {
  const hash = number.toString(16).padStart(64, '0')
  return {
    artifact_id: uuid(number),
    kind: 'report',
    uri: `/objects/${hash}`,
    content_hash: hash,
    size_bytes: 1,
    classification: 'low',
    exportable: false,
  }
}

function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
}
