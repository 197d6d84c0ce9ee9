import type { PreparedCall } from '@ctxlock/contracts/provider'
import { keyedDigest } from '@ctxlock/core-hash'

import type { Session } from '../../session/session.ts'
import { PAYLOAD_DIGEST } from '../../workspace/digest-domains.ts'
import type { IdentifiedCall } from '../identify.ts'
import type { RequestOptions } from '../request-options.ts'
import { chatRequest } from './chat-request.ts'
import { compileContext, compilePrompt, type CompiledContext, type ContextInput } from './compile-context.ts'

/** One call with every byte fixed: what the guards judge, what is recorded, what is sent. */
export interface CompiledCall extends CompiledContext {
  readonly prepared: PreparedCall
  /** What events call the bytes of the request: a keyed digest. */
  readonly payloadDigest: string
}

export interface CompileInput extends ContextInput {
  readonly identified: IdentifiedCall
  readonly options: RequestOptions
}

/** Step 5: the prompt, the request bytes, and the snapshot of what the model will see. */
export function compileCall(session: Session, input: CompileInput): CompiledCall {
  const { client } = input.identified
  const prompt = compilePrompt(session, input)
  const prepared = client.prepareChat(
    chatRequest(session, prompt.rendered, input.identified, client.capabilities, input.options),
  )
  const kept = session.vault?.put(prepared.body, { ttlDays: session.config.recorder.payloadTtlDays })
  const payloadDigest = keyedDigest(session.state.digestKey, PAYLOAD_DIGEST, prepared.body)
  return { ...compileContext(session, input, prompt, kept), prepared, payloadDigest }
}
