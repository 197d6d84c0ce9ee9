import type { Usage } from '@ctxlock/contracts/provider'
import { callCost, priceOf, releaseCost, reserveCost, settleCost, type CostDecision } from '@ctxlock/governance'

import { CommandError } from '../../command-error.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { usdText } from '../../output/cost-text.ts'
import type { Session } from '../../session/session.ts'
import type { CallReply } from '../call-reply.ts'
import type { IdentifiedCall } from '../identify.ts'
import { chargedUsage } from './charged-usage.ts'

type PricedCall = Pick<IdentifiedCall, 'provider' | 'model'>

/** What so many tokens of this model cost, in millionths of a US dollar; null is unknown. */
function costOf(
  { provider, model }: PricedCall,
  usage: Pick<Usage, 'inputTokens' | 'outputTokens'> | undefined,
): number | null {
  return callCost(priceOf(provider, model.model_id), usage)
}

/** What a reply cost; null where the price or the counts are not known. A call that never left cost nothing, whatever its price. */
export function costOfReply(identified: PricedCall, reply: CallReply): number | null {
  if (reply.status === 'failed' && reply.error.attempts === 0) return 0
  return costOf(identified, chargedUsage(reply))
}

/** Sets the most a call may cost aside. Part of the caller's transaction. Throws `COST_LIMIT`, `PRICE_UNKNOWN`. */
export function setCostAside(
  session: Pick<Session, 'state' | 'timestamp'>,
  purse: { readonly budgetId: string; readonly ownerId: string },
  call: { readonly callId: string; readonly identified: PricedCall; readonly most: Parameters<typeof costOf>[1] },
): void {
  const most = costOf(call.identified, call.most)
  const decision = reserveCost(session.state.database, {
    budget_id: purse.budgetId,
    owner_id: purse.ownerId,
    call_id: call.callId,
    micro_usd: most,
    now: session.timestamp(),
  })
  if (!decision.granted) throw refused(decision, call.identified.model.model_id, most ?? 0)
}

/** Puts what a call cost in the place of what was set aside; `unsent` where no byte of it left. Part of the caller's transaction. */
export function chargeCost({ state, timestamp }: Session, callId: string, cost: number | null | 'unsent'): void {
  if (cost === 'unsent') releaseCost(state.database, callId)
  else settleCost(state.database, { call_id: callId, micro_usd: cost, now: timestamp() })
}

function refused(
  { reason, remaining }: Extract<CostDecision, { granted: false }>,
  modelId: string,
  most: number,
): CommandError {
  return reason === 'price_unknown'
    ? new CommandError({
        exit: EXIT_CODE.refused,
        code: 'PRICE_UNKNOWN',
        message: `the config limits what a run may cost and names no price for ${modelId}`,
        hint: 'State `models[].price` of its provider, with zeros for a model of your own, or take `execution.max_cost_micro_usd` out.',
      })
    : new CommandError({
        exit: EXIT_CODE.refused,
        code: 'COST_LIMIT',
        message: `the run has ${usdText(Math.max(0, remaining))} USD left and this call may cost ${usdText(most)}`,
        hint: 'Raise `execution.max_cost_micro_usd` and go on with `ctxlock resume last`, or ask for less with --max-tokens.',
      })
}
