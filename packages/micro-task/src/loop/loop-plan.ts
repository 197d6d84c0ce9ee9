import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import type { EscalationLevel, ExecutionPolicy } from '@ctxlock/contracts/micro-task-run'

import { executionWaves } from '../execution-waves.ts'
import { MicroTaskError } from '../micro-task-error.ts'
import { HARD_GATE, permittedLevels } from './escalation-chain.ts'

/** What a job was asked, fixed at its start. */
export interface LoopPlan {
  readonly wpId: string
  /** In the order of execution (MT-006). */
  readonly definitions: readonly MicroTaskDefinition[]
  readonly waves: readonly (readonly string[])[]
  readonly policy: ExecutionPolicy
  /** The levels of the policy that this job may reach; the first one is a model. */
  readonly chain: readonly EscalationLevel[]
  readonly tokenLimits: {
    /** Above it the job goes on and says so. */
    readonly warning: number
    /** Above it a person decides. */
    readonly gate: number
  }
  /** Nobody is asked: every gate answers itself with abort (MT-009). */
  readonly locked: boolean
}

/** Plans definitions that passed validation. Throws `MODULE_MISSING` (MT-067) and `CHAIN_INVALID`. */
export function planLoop(
  definitions: readonly MicroTaskDefinition[],
  policy: ExecutionPolicy,
  { wpId, locked }: Pick<LoopPlan, 'wpId' | 'locked'>,
): LoopPlan {
  refuseMissingModules(policy)
  const { waves } = executionWaves(definitions)
  const byId = new Map(definitions.map((definition) => [definition.mt_id, definition]))
  const budgets = definitions.reduce((sum, { token_budget }) => sum + token_budget, 0)
  return {
    wpId,
    definitions: waves.flat().flatMap((id) => byId.get(id) ?? []),
    waves,
    policy,
    chain: checkedChain(policy),
    tokenLimits: {
      warning: 10 * budgets,
      gate: Math.min(20 * budgets, policy.max_total_tokens ?? Number.POSITIVE_INFINITY),
    },
    locked,
  }
}

function refuseMissingModules({ enable_distillation, lora_selection }: ExecutionPolicy): void {
  const wanted = enable_distillation ? 'enable_distillation' : lora_selection === 'none' ? undefined : 'lora_selection'
  if (wanted === undefined) return
  throw new MicroTaskError(
    'MODULE_MISSING',
    `The execution policy sets ${wanted}, whose module is not installed. Take it out of the policy.`,
  )
}

function checkedChain(policy: ExecutionPolicy): EscalationLevel[] {
  const { escalation_chain: stated } = policy
  const [first] = stated
  const inOrder = stated.every(({ level }, index) => level === index)
  if (first && inOrder && first.model_id !== HARD_GATE && !first.is_cloud) return permittedLevels(policy)
  throw new MicroTaskError(
    'CHAIN_INVALID',
    'Expected an escalation chain with the levels 0, 1, 2, … that begins with a local model. Correct `escalation_chain`.',
  )
}
