import type { ListableArtifactStore } from '@ctxlock/artifact-store'
import type { ContainerMember } from '@ctxlock/contracts/guards'
import { Count, Hash, RelativePath } from '@ctxlock/contracts/primitives'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { parseCanonical, uuidFromHash } from '@ctxlock/core-hash'
import { z } from 'zod'

/** A bundle's own bytes are the index its hash is made over (CJ-035), so that no list can be changed under it. */
const BundleIndex = z.array(z.strictObject({ path: RelativePath, content_hash: Hash, size_bytes: Count })).max(10_000)

/** The members of a stored bundle, labelled as the store knows them; undefined for bytes that are no index (VAL-030, VAL-031). */
export function bundleMembers(
  bytes: Uint8Array,
  artifacts: Pick<ListableArtifactStore, 'label'>,
): ContainerMember[] | undefined {
  const index = BundleIndex.safeParse(parsed(bytes))
  return index.data?.map((entry) => ({
    ...entry,
    reference: { kind: 'artifact_handle', ref: handleOf(entry, artifacts) },
  }))
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes)
  } catch {
    return undefined
  }
}

/** What the store does not know counts as confidential; the guard then finds it unresolved as well. */
function handleOf(
  { content_hash, size_bytes }: z.infer<typeof BundleIndex>[number],
  artifacts: Pick<ListableArtifactStore, 'label'>,
): ArtifactHandle {
  const label = artifacts.label(content_hash) ?? { kind: 'file', classification: 'high', exportable: false }
  return {
    artifact_id: uuidFromHash(content_hash),
    uri: `/objects/${content_hash}`,
    content_hash,
    size_bytes,
    ...label,
  }
}
