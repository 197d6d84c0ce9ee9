import type { MicroTaskExecutorJob } from '@ctxlock/contracts/micro-task-job'
import type { EscalationLevel, ExecutionPolicy } from '@ctxlock/contracts/micro-task-run'
import type { RuntimeRole } from '@ctxlock/contracts/packs'
import { HARD_GATE, planLoop, type LoopPlan } from '@ctxlock/micro-task'

import type { CallSubject } from '../governed-call/call-subject.ts'
import type { Session } from '../session/session.ts'

/** What the plan of a run depends on. */
export type PlannedSession = Pick<Session, 'automationLevel' | 'config' | 'profile'>

export interface ExecutionPlan {
  readonly loop: LoopPlan
  /** The config names no chain: the profile says which model serves the one level there is. */
  readonly routed: boolean
}

/**
 * The loop over the micro-tasks of a run, under the policy its job began with; for a new one, that of the config. Throws
 * `MODULE_MISSING`, `CHAIN_INVALID`.
 */
export function executionPlan(
  session: PlannedSession,
  subjects: readonly CallSubject[],
  known?: MicroTaskExecutorJob,
): ExecutionPlan {
  const { policy, routed } = known
    ? { policy: known.execution_policy, routed: known.routed_by_profile }
    : policyNow(session, subjects)
  const loop = planLoop(
    subjects.map(({ definition }) => definition),
    policy,
    { wpId: subjects[0]?.wpId ?? 'task', locked: session.automationLevel === 'LOCKED' },
  )
  return { loop, routed }
}

function policyNow(session: PlannedSession, subjects: readonly CallSubject[]) {
  const { policy: stated } = session.config.execution
  const routed = stated.escalation_chain.length === 0
  const policy: ExecutionPolicy = routed
    ? { ...stated, escalation_chain: routedChain(session, subjects) }
    : { ...stated, cloud_escalation_allowed: mayEscalateToCloud(session, roleOf(subjects)) }
  return { policy, routed }
}

/** Both the policy and the profile have to allow it (MT-028). */
function mayEscalateToCloud({ config, profile, automationLevel }: PlannedSession, role: RuntimeRole): boolean {
  return (
    config.execution.policy.cloud_escalation_allowed &&
    profile.governance.allow_cloud_escalation &&
    !profile.model_assignments[role].local_only &&
    automationLevel !== 'LOCKED'
  )
}

function roleOf([first]: readonly CallSubject[]): RuntimeRole {
  return first?.role.runtime_role ?? 'worker'
}

/** One level with the model of the role, and a person above it. */
function routedChain({ profile }: PlannedSession, subjects: readonly CallSubject[]): EscalationLevel[] {
  const model = profile.model_assignments[roleOf(subjects)].primary_model_id
  return [
    { level: 0, model_id: model, is_cloud: false, is_hard_gate: false },
    { level: 1, model_id: HARD_GATE, is_cloud: false, is_hard_gate: true },
  ]
}
