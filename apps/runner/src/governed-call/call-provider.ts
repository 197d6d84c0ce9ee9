import type { MutationFence } from '@ctxlock/ace-validators/poisoning'
import { ProviderError, type GenerationResult, type RetryNotice } from '@ctxlock/contracts/provider'

import type { Session } from '../session/session.ts'
import { countedUsage } from './budget/counted-usage.ts'
import type { CallOptions } from './call-options.ts'
import type { CallReply } from './call-reply.ts'
import type { CloudDecision } from './cloud-decision.ts'
import type { CompiledCall } from './context/compile-call.ts'

interface ProviderCall {
  readonly compiled: CompiledCall
  readonly decision: CloudDecision
  readonly options: CallOptions
  /** Aborted when the person gives up or the job is poisoned. */
  readonly signal: AbortSignal
  readonly onRetry: ((notice: RetryNotice) => void) | undefined
}

/**
 * Step 9: sends exactly the recorded bytes. A cloud call cannot get here without the decision that its receipt allows. Whatever
 * arrives is shown only while the job may go on.
 */
export async function callProvider(
  { counter, nodes }: Pick<Session, 'counter' | 'nodes'>,
  fence: MutationFence,
  { compiled, decision, options, signal, onRetry }: ProviderCall,
): Promise<CallReply> {
  if (!decision.allowed)
    throw new ProviderError('permission', 'A call without permission must not be sent.', { attempts: 0 })
  const { prepared, overflows } = compiled
  if (overflows) return { status: 'failed', error: noRoomForFiles() }
  try {
    const sent = await prepared.send({
      signal,
      // One consent, one transmission: a server that fails is not sent the bytes again.
      ...(decision.tier === 'cloud' && { maxRetries: 0 }),
      ...(onRetry && { onRetry }),
      onEvent: (event) => {
        if (event.type !== 'text' || !options.onText) return
        nodes.check(fence)
        options.onText(event.text)
      },
    })
    const result = { ...sent, usage: countedUsage(compiled.envelope, sent, counter) }
    const allowed = options.maxTokens ?? Infinity
    if ((sent.usage.outputTokens ?? 0) > allowed || (result.usage.outputTokens ?? 0) > mostEstimated(allowed))
      return { status: 'failed', error: overBudget(result, allowed) }
    return { status: 'answered', result }
  } catch (error) {
    if (error instanceof ProviderError) return { status: 'failed', error }
    throw error
  }
}

function noRoomForFiles(): ProviderError {
  return new ProviderError(
    'context_overflow',
    'Rules and definition leave no room for files, and neither is ever cut. Raise the token budget of the micro-task, or split it.',
    { attempts: 0 },
  )
}

/** Our counter may take a token for two: it refuses only what no server can have counted as allowed (decisions/0012). */
function mostEstimated(allowed: number): number {
  return 2 * allowed + 16
}

/** A ceiling is enforced on return too, and the text is withheld (PROV-003). */
function overBudget({ usage, attempts }: GenerationResult, allowed: number): ProviderError {
  const written = `${usage.source === 'estimated' ? 'about ' : ''}${usage.outputTokens}`
  return new ProviderError(
    'budget_exceeded',
    `The model wrote ${written} tokens; ${allowed} were allowed. The answer is withheld.`,
    { usage, attempts },
  )
}
