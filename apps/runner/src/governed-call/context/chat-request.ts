import type { RenderedPrompt } from '@ctxlock/context-compiler'
import type { ChatEncoder, ChatRequest } from '@ctxlock/contracts/provider'

import type { BuildSession } from '../../session/build-session.ts'
import type { CalledModel } from '../identify.ts'
import type { RequestOptions } from '../request-options.ts'

/** Everything but the messages is fixed by policy: the same call asks for the same sampling (demand 22). */
export function chatRequest(
  { config: { policy } }: Pick<BuildSession, 'config'>,
  { messages }: Pick<RenderedPrompt, 'messages'>,
  { provider, model }: CalledModel,
  { seed }: Pick<ChatEncoder['capabilities'], 'seed'>,
  { maxTokens, stream }: Pick<RequestOptions, 'maxTokens' | 'stream'>,
): ChatRequest {
  return {
    model: model.model_id,
    messages,
    temperature: policy.determinismMode === 'strict' ? 0 : (provider.defaults?.temperature ?? 0),
    ...(seed && { seed: policy.seed }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(stream && { stream: true }),
  }
}
