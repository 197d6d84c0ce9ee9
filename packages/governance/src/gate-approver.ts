import type { GateType } from '@ctxlock/contracts/gate-decision'
import type { AutomationLevel } from '@ctxlock/contracts/primitives'

/** Who satisfies a gate. `halt`: recorded as reject or defer, and the workflow stops (PROV-061). `blocked`: never satisfied. */
export type GateApprover = 'automatic' | 'human' | 'human_review' | 'halt' | 'blocked'

/** The least confidence an automatic approval needs, by level; `null` where no confidence is enough. */
interface Thresholds {
  readonly HYBRID: number | null
  readonly AUTONOMOUS: number | null
  readonly LOCKED: number | null
}

const THRESHOLDS: Readonly<Record<Exclude<GateType, 'cloud_escalation' | 'policy_violation'>, Thresholds>> = {
  spec_approval: { HYBRID: 0.8, AUTONOMOUS: 0, LOCKED: 0.8 },
  refinement_sign: { HYBRID: 0.9, AUTONOMOUS: 0, LOCKED: 0.9 },
  scope_change: { HYBRID: null, AUTONOMOUS: 0.95, LOCKED: 0.95 },
}

/**
 * Who satisfies a gate at an automation level (spec 06 section 9). `confidence` is 0..1; anything else, such as `NaN` or
 * `undefined`, meets no threshold. A cloud escalation is never approved by a machine (PROV-047).
 */
export function gateApprover(level: AutomationLevel, gate: GateType, confidence?: number): GateApprover {
  const isLocked = level === 'LOCKED'
  if (gate === 'cloud_escalation') return isLocked ? 'blocked' : 'human'
  if (gate === 'policy_violation') return isLocked ? 'halt' : 'human_review'
  if (level === 'FULL_HUMAN') return 'human'
  const threshold = THRESHOLDS[gate][level]
  if (threshold === 0 || meets(confidence, threshold)) return 'automatic'
  return isLocked ? 'halt' : 'human'
}

function meets(confidence: number | undefined, threshold: number | null): boolean {
  return threshold !== null && confidence !== undefined && confidence >= threshold && confidence <= 1
}
