import type { LoopPlan } from './loop-plan.ts'
import type { LoopState } from './loop-state.ts'

/** What has to be said when a job goes past its first limit of tokens, once; undefined at any other change (MT-051). */
export function tokenWarning(
  { tokenLimits }: Pick<LoopPlan, 'tokenLimits'>,
  before: LoopState['totals'] | undefined,
  after: LoopState['totals'],
): { readonly used: number; readonly threshold: number } | undefined {
  const used = (totals: LoopState['totals'] | undefined) => (totals ? totals.tokensPrompt + totals.tokensCompletion : 0)
  const { warning: threshold } = tokenLimits
  return used(before) < threshold && used(after) >= threshold ? { used: used(after), threshold } : undefined
}
