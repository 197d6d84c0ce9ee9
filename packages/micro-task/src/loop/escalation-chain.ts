import type { EscalationLevel, ExecutionPolicy } from '@ctxlock/contracts/micro-task-run'

/** The model id of a level that stands for a person. */
export const HARD_GATE = 'HARD_GATE'

/**
 * The levels a job may reach, in order. One that differs from the level below only in its LoRA is left out (MT-027), and with
 * cloud models disabled the chain ends before the first of them (MT-028).
 */
export function permittedLevels({
  escalation_chain,
  cloud_escalation_allowed,
}: Pick<ExecutionPolicy, 'escalation_chain' | 'cloud_escalation_allowed'>): EscalationLevel[] {
  const firstCloud = escalation_chain.findIndex(({ is_cloud }) => is_cloud)
  const reachable =
    cloud_escalation_allowed || firstCloud === -1 ? escalation_chain : escalation_chain.slice(0, firstCloud)
  return reachable.filter((level, index) => index === 0 || level.model_id !== reachable[index - 1]?.model_id)
}

/** What stands above a level: a model that may be called, a person who has to agree first, or nothing (MT-013). */
export function levelAbove(chain: readonly EscalationLevel[], rung: number): 'model' | 'hard_gate' | 'none' {
  const next = chain[rung + 1]
  if (!next) return 'none'
  return next.is_hard_gate || next.model_id === HARD_GATE ? 'hard_gate' : 'model'
}

/** Where a person's "continue" leads from an exhausted level: to the first model behind the gate, or to another round here. */
export function rungBehindGate(chain: readonly EscalationLevel[], rung: number): number {
  const behind = chain.findIndex(({ model_id }, index) => index > rung && model_id !== HARD_GATE)
  return behind === -1 ? rung : behind
}
