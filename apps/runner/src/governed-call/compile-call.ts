import type { RenderedPrompt } from '@ctxlock/context-compiler'
import type { ChatRequest, PreparedCall } from '@ctxlock/contracts/provider'
import { keyedDigest } from '@ctxlock/core-hash'

import type { Session } from '../session/session.ts'
import type { CallOptions } from './call-options.ts'
import { compileContext, compilePrompt, type CompiledContext, type ContextInput } from './compile-context.ts'
import { PAYLOAD_DIGEST } from './digest-domains.ts'
import type { IdentifiedCall } from './identify.ts'

/** One call with every byte fixed: what the guards judge, what is recorded, what is sent. */
export interface CompiledCall extends CompiledContext {
  readonly prepared: PreparedCall
  /** What events call the bytes of the request: a keyed digest. */
  readonly payloadDigest: string
}

export interface CompileInput extends ContextInput {
  readonly identified: IdentifiedCall
  readonly options: CallOptions
}

/** Step 5: the prompt, the request bytes, and the snapshot of what the model will see. */
export function compileCall(session: Session, input: CompileInput): CompiledCall {
  const prompt = compilePrompt(session, input)
  const prepared = input.identified.client.prepareChat(chatRequest(session, prompt.rendered, input))
  const kept = session.vault?.put(prepared.body, { ttlDays: session.config.recorder.payloadTtlDays })
  const payloadDigest = keyedDigest(session.state.digestKey, PAYLOAD_DIGEST, prepared.body)
  return { ...compileContext(session, input, prompt, kept), prepared, payloadDigest }
}

/** Everything but the messages is fixed by policy: the same call asks for the same sampling (demand 22). */
function chatRequest(session: Session, rendered: RenderedPrompt, { identified, options }: CompileInput): ChatRequest {
  const { client, model, provider } = identified
  return {
    model: model.model_id,
    messages: rendered.messages,
    temperature: session.config.policy.determinismMode === 'strict' ? 0 : (provider.defaults?.temperature ?? 0),
    ...(client.capabilities.seed && { seed: session.config.policy.seed }),
    ...(options.maxTokens !== undefined && { maxOutputTokens: options.maxTokens }),
    ...(options.stream && { stream: true }),
  }
}
