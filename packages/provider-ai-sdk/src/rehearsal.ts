import type { EmbeddingModelV4, LanguageModelV4 } from '@ai-sdk/provider'
import type { Timers } from '@ctxlock/contracts/ports'
import { ProviderError } from '@ctxlock/contracts/provider'

import type { Attempt, CheckedFetch } from './checked-fetch.ts'

const PATIENCE_MS = 2000
const WORD = 'rehearsal'
const PROMPT = [{ role: 'user' as const, content: [{ type: 'text' as const, text: WORD }] }]

/**
 * Calls a model once with the word `rehearsal` and a fetch that lets nothing out, so that a model which has a network of its
 * own is found before it is handed anything of the caller's. Throws `ssrf_blocked` with reason `own_network`.
 */
export async function rehearse(
  model: LanguageModelV4 | EmbeddingModelV4,
  { rehearse }: CheckedFetch,
  timers: Timers,
): Promise<void> {
  const controller = new AbortController()
  const abortSignal = controller.signal
  const usedFetch = await new Promise<boolean>((resolve) => {
    const cancel = timers.after(PATIENCE_MS, () => resolve(false))
    const call = async () =>
      'doEmbed' in model
        ? model.doEmbed({ values: [WORD], abortSignal })
        : model.doGenerate({ prompt: PROMPT, abortSignal })
    void rehearse(call).then((used) => {
      cancel()
      resolve(used)
    })
  })
  if (usedFetch) return
  controller.abort()
  throw new ProviderError(
    'ssrf_blocked',
    'The AI SDK model did not use the fetch it was given, so nothing was handed to it. Pass `fetch` on to its provider.',
    { attempts: 0, reason: 'own_network' },
  )
}

/** The rehearsal found a model that used its fetch; one that stops doing so does not get away with it unseen. */
export function refuseOwnNetwork({ requests }: Pick<Attempt, 'requests'>): void {
  if (requests > 0) return
  throw new ProviderError('ssrf_blocked', 'The AI SDK model answered without the fetch it was given.', {
    reason: 'own_network',
    retryable: false,
  })
}
