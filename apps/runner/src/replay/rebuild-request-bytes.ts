import { ArtifactError } from '@ctxlock/artifact-store'
import type { RequestManifest } from '@ctxlock/contracts/call'
import type { EventOf } from '@ctxlock/contracts/events'
import { bytesHash, canonicalHash, keyedDigest, type JsonValue } from '@ctxlock/core-hash'

import { chatRequest } from '../governed-call/context/chat-request.ts'
import type { CompiledContext } from '../governed-call/context/compile-context.ts'
import type { CalledModel } from '../governed-call/identify.ts'
import { excerptsOf } from '../governed-call/record/request-excerpts.ts'
import { describeRequest, rebuildRequest } from '../governed-call/record/request-manifest.ts'
import type { RequestOptions } from '../governed-call/request-options.ts'
import { saltedRecord } from '../session/salted-record.ts'
import { PAYLOAD_DIGEST } from '../workspace/digest-domains.ts'
import type { RebuiltRecord } from './rebuilt-record.ts'
import type { RecordedCall } from './recorded-call.ts'
import type { ReplaySession } from './replay-session.ts'

export interface RebuiltRequestBytes {
  /** The members of the body, so that a difference has a name. */
  readonly body: Omit<RebuiltRecord, 'field'>
  readonly manifest: RequestManifest
  /** What the log says of the bytes. */
  readonly intent: EventOf<'call_intent'>['payload']
}

/** The bytes of the request, from the prompt by the provider's own encoder; undefined where the plugin has none apart from a client. */
export async function rebuildRequestBytes(
  session: ReplaySession,
  recorded: RecordedCall,
  { rendered, snapshot }: CompiledContext,
  { called, options }: { readonly called: CalledModel; readonly options: Pick<RequestOptions, 'maxTokens' | 'stream'> },
): Promise<RebuiltRequestBytes | undefined> {
  const encoder = await session.encoder(called.provider)
  if (!encoder) return undefined
  const { intent, manifest: before } = recorded
  const body = encoder.encodeChat(chatRequest(session, rendered, called, encoder.capabilities, options))
  const manifest = describeRequest(
    {
      body,
      excerpts: excerptsOf(rendered),
      providerId: called.provider.provider_id,
      modelId: called.model.model_id,
      key: session.digestKey,
    },
    session.artifacts,
  )
  return {
    body: { recorded: recordedBody(session, before) ?? jsonOf(body), rebuilt: jsonOf(body) },
    manifest,
    intent: {
      ...intent.payload,
      provider_id: called.provider.provider_id,
      payload_digest: keyedDigest(session.digestKey, PAYLOAD_DIGEST, body),
      payload_size: body.length,
      request_manifest_ref: bytesHash(saltedRecord(session.digestKey, manifest)),
      call_record_ref: canonicalHash(recorded.call),
      context_snapshot_id: snapshot.context_snapshot_id,
      context_pack_binding_id: snapshot.context_pack_binding_id,
    },
  }
}

/** Undefined where its parts do not give it: then the manifest names what differs. */
function recordedBody({ artifacts, reader }: ReplaySession, manifest: RequestManifest): JsonValue | undefined {
  try {
    const sent = rebuildRequest(manifest, artifacts, reader)
    return sent.status === 'rebuilt' ? jsonOf(sent.body) : undefined
  } catch (error) {
    if (error instanceof ArtifactError) return undefined
    throw error
  }
}

/** Bodies of chat requests are JSON. */
function jsonOf(body: Uint8Array): JsonValue {
  const parsed: JsonValue = JSON.parse(new TextDecoder().decode(body))
  return parsed
}
