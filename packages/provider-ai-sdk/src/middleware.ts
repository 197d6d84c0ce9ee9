// Middleware for applications of the AI SDK: every call of a wrapped model is judged and recorded before it is made.
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Middleware,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider'
import type { Timers } from '@ctxlock/contracts/ports'

import type { Attempt, CheckedFetch } from './checked-fetch.ts'
import { createAnswerTally } from './middleware/answer-tally.ts'
import type { AnswerTally, CallOutcome } from './middleware/answer-tally.ts'
import { callDocument, ownCopy } from './middleware/call-document.ts'
import { outgoingTexts } from './middleware/outgoing-texts.ts'
import type { OutgoingTexts } from './middleware/outgoing-texts.ts'
import { settledStream } from './middleware/settled-stream.ts'
import { refuseOwnNetwork, rehearse } from './rehearsal.ts'

export { createCheckedFetch } from './checked-fetch.ts'
export type { CheckedFetch } from './checked-fetch.ts'
export type { CallAnswer, CallFailure, CallOutcome } from './middleware/answer-tally.ts'
export type { OutgoingText, ToolOutput } from './middleware/outgoing-texts.ts'

/** What an application is about to ask a model, before the model is called. */
export interface OutgoingCall extends OutgoingTexts {
  /** The SDK's name of the provider, such as `openai.chat`. */
  readonly provider: string
  readonly model: string
  /** RFC 8785 JSON of model, method and call options; what a digest of the call is made of. */
  readonly body: Uint8Array
}

export interface OpenCall {
  readonly callId: string
  /** Called exactly once, before the application learns that the call ended. */
  settle(outcome: CallOutcome): Promise<void>
}

/** Guards and recorder, as the host wires them. */
export interface CallGovernor {
  /** What it throws refuses the call. When it resolves, the intent is durable and the model may be called. */
  begin(call: OutgoingCall): Promise<OpenCall>
}

/** Where the host wants every request of the model to go through. */
export interface Wire {
  readonly checkedFetch: CheckedFetch
  readonly timers: Timers
}

/**
 * Middleware for `wrapLanguageModel`. Fails closed: without `begin` no call. With a `wire`, the model must have been made
 * with its `fetch`: it is rehearsed, makes one request a call, and sends no text it was not given.
 */
export function createCallMiddleware(governor: CallGovernor, wire?: Wire): LanguageModelV4Middleware {
  const rehearsals = new WeakMap<LanguageModelV4, Promise<void>>()

  async function rehearsed(model: LanguageModelV4): Promise<void> {
    if (!wire) return
    const known = rehearsals.get(model) ?? rehearse(model, wire.checkedFetch, wire.timers)
    rehearsals.set(model, known)
    await known
  }

  async function made<Result>(
    model: LanguageModelV4,
    params: LanguageModelV4CallOptions,
    stream: boolean,
    call: () => PromiseLike<Result>,
  ): Promise<Made<Result>> {
    const body = callDocument(model, params, stream)
    await rehearsed(model)
    const { provider, modelId } = model
    const outgoing = outgoingTexts(params)
    const open = await governor.begin({ provider, model: modelId, body, ...outgoing })
    const asked = { model: modelId, texts: outgoing.texts.map(({ text }) => text) }
    const work = async (attempt: Attempt | undefined): Promise<Made<Result>> => {
      const tally = createAnswerTally(asked, attempt)
      try {
        const result = await call()
        if (attempt) refuseOwnNetwork(attempt)
        return { result, open, tally, wire: attempt?.wire }
      } catch (error) {
        await open.settle(tally.failure(error, params.abortSignal?.aborted === true))
        throw error
      }
    }
    if (!wire) return work(undefined)
    const signal = params.abortSignal
    return wire.checkedFetch.attempt({ shown: body, streaming: stream, ...(signal && { signal }) }, work)
  }

  return {
    specificationVersion: 'v4',
    transformParams: async ({ params }) => ownCopy(params),
    async wrapGenerate({ doGenerate, params, model }) {
      const { result, open, tally, wire } = await made(model, params, false, doGenerate)
      tally.add(result, false)
      await open.settle(tally.outcome())
      return { ...result, providerMetadata: withCall(result.providerMetadata, open, wire) }
    },
    async wrapStream({ doStream, params, model }) {
      const { result, open, tally, wire } = await made(model, params, true, doStream)
      const stream = settledStream(result.stream, {
        tally,
        settle: (outcome) => open.settle(outcome),
        finish: (part) => ({ ...part, providerMetadata: withCall(part.providerMetadata, open, wire) }),
        wasCancelled: () => params.abortSignal?.aborted === true,
      })
      return { ...result, stream }
    },
  }
}

interface Made<Result> {
  readonly result: Result
  readonly open: OpenCall
  readonly tally: AnswerTally
  readonly wire: Attempt['wire']
}

/** `providerMetadata.ctxlock` names the call in the record. */
function withCall(
  metadata: SharedV4ProviderMetadata | undefined,
  { callId }: OpenCall,
  wire: Attempt['wire'],
): SharedV4ProviderMetadata {
  return { ...metadata, ctxlock: { callId, ...(wire && { wire: { ...wire } }) } }
}
