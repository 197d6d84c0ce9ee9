import type { MicroTaskDefinition, RiskLevel } from '@ctxlock/contracts/micro-task'
import type { EscalationRecord, ExecutionPolicy, FailureCategory } from '@ctxlock/contracts/micro-task-run'

export type DropBack = NonNullable<EscalationRecord['remediation']>['drop_back_decision']

const STAY: ReadonlySet<FailureCategory> = new Set(['logic_error_regression', 'hallucination_api', 'context_overflow'])
const DROP: ReadonlySet<FailureCategory> = new Set(['syntax_error_isolated', 'validation_flaky', 'scope_violation'])
const RISK: Readonly<Record<RiskLevel, number>> = { low: 0, medium: 1, high: 2 }

/**
 * Whether the loop goes back to level 0 after a success further up (spec 08 section 6, MT-024): by the strategy, then by what
 * failed last, then by whether all that remains is simpler than what escalated.
 */
export function dropBack(
  strategy: ExecutionPolicy['drop_back_strategy'],
  category: FailureCategory,
  escalated: MicroTaskDefinition,
  remaining: readonly MicroTaskDefinition[],
): DropBack {
  if (strategy === 'never') return stay('the policy never drops back', 'HIGH')
  if (strategy === 'always') return drop('the policy always drops back', 'HIGH')
  if (STAY.has(category)) return stay(`${category} is likely to come back at level 0`, 'HIGH')
  if (DROP.has(category)) return drop(`${category} says little about what comes next`, 'HIGH')
  const confidence = category === 'unknown' ? 'LOW' : 'MEDIUM'
  return remaining.every((definition) => isSimpler(definition, escalated))
    ? drop('all that remains is simpler than what escalated', confidence)
    : stay('something that remains is not simpler than what escalated', confidence)
}

/** Not greater in token budget, in files that change and in risk (MT-025). */
export function isSimpler(definition: MicroTaskDefinition, than: MicroTaskDefinition): boolean {
  return (
    definition.token_budget <= than.token_budget &&
    changedFiles(definition) <= changedFiles(than) &&
    RISK[definition.risk_level] <= RISK[than.risk_level]
  )
}

function changedFiles({ files: { modify, create } }: MicroTaskDefinition): number {
  return modify.length + create.length
}

function drop(reason: string, confidence: DropBack['confidence']): DropBack {
  return { action: 'DROP_BACK', target_level: 0, reason, confidence }
}

function stay(reason: string, confidence: DropBack['confidence']): DropBack {
  return { action: 'STAY_ESCALATED', reason, confidence }
}
