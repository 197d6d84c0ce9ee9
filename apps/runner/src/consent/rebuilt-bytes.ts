import { RequestManifest } from '@ctxlock/contracts/call'
import type { ConsentRequest } from '@ctxlock/contracts/consent'
import { parseCanonical } from '@ctxlock/core-hash'

import { rebuildRequest, type RebuiltRequest } from '../governed-call/record/request-manifest.ts'
import type { StoredSession } from '../session/stored-session.ts'

/** The bytes a request for consent is about, put together again from the sources as they are now; they have to hash to what its plan says. */
export function rebuiltBytes(
  { artifacts, reader }: Pick<StoredSession, 'artifacts' | 'reader'>,
  { plan, request_manifest }: ConsentRequest,
): RebuiltRequest & { readonly manifest: RequestManifest } {
  const manifest = RequestManifest.parse(parseCanonical(artifacts.get(request_manifest)))
  return { ...rebuildRequest({ ...manifest, payload_sha256: plan.payload_sha256 }, artifacts, reader), manifest }
}
