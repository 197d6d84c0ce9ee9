import type { ContainerMember, ContentResolver, ResolvedContent } from '../guards.ts'
import type { SourceReader } from '../ports.ts'
import { type ArtifactHandle, pathOfSourceId, type Reference, type SourceRef } from '../references.ts'
import { bytesHash, canonicalHash, uuidFromHash } from '@ctxlock/core-hash'

/** Files and artifacts in memory, with what a host knows about them. Change `files` and the workspace has changed. */
export class ExampleWorkspace implements SourceReader, ContentResolver {
  readonly files = new Map<string, string>()
  readonly artifacts = new Map<string, ResolvedContent & { readonly content: Uint8Array }>()

  /** A reference to lines of a file as it is now. */
  ref(path: string, selector = 'lines:1-2'): SourceRef {
    return { kind: 'span', id: `file:${path}`, hash: bytesHash(encode(this.files.get(path) ?? '')), selector }
  }

  put(
    name: string,
    text: string,
    more: Partial<ResolvedContent> = {},
    handle: Partial<ArtifactHandle> = {},
  ): ArtifactHandle {
    const content = encode(text)
    const content_hash = more.content_hash ?? bytesHash(content)
    const artifact = handleOf(name, content_hash, content.byteLength, handle)
    const facts = {
      kind: artifact.kind,
      content_hash,
      size_bytes: content.byteLength,
      classification: 'low',
      exportable: true,
    }
    this.artifacts.set(artifact.artifact_id, { ...facts, ...more, content })
    return artifact
  }

  /** A bundle of artifacts, hashed over its index as CJ-035 says. */
  bundle(name: string, handles: readonly ArtifactHandle[], more: Partial<ResolvedContent> = {}): ArtifactHandle {
    const members: ContainerMember[] = handles.map((ref, index) => ({
      path: `member-${String(index).padStart(5, '0')}`,
      content_hash: ref.content_hash,
      size_bytes: ref.size_bytes,
      reference: { kind: 'artifact_handle', ref },
    }))
    const content_hash = canonicalHash(
      members.map(({ path, content_hash: hash, size_bytes }) => ({ path, content_hash: hash, size_bytes })),
    )
    return this.put(
      name,
      `bundle of ${handles.length}`,
      { kind: 'bundle', content_hash, members, ...more },
      { kind: 'bundle' },
    )
  }

  read(path: string): ReturnType<SourceReader['read']> {
    const text = this.files.get(path)
    return text === undefined ? { status: 'missing' } : { status: 'read', bytes: encode(text) }
  }

  describe(reference: Reference): ResolvedContent | undefined {
    const bytes = this.bytes(reference)
    if (bytes === undefined) return undefined
    if (reference.kind === 'artifact_handle') return this.artifacts.get(reference.ref.artifact_id)
    return {
      kind: 'source',
      content_hash: bytesHash(bytes),
      size_bytes: bytes.byteLength,
      classification: 'low',
      exportable: true,
    }
  }

  bytes(reference: Reference): Uint8Array | undefined {
    if (reference.kind === 'artifact_handle') return this.artifacts.get(reference.ref.artifact_id)?.content
    const path = reference.kind === 'source_ref' ? pathOfSourceId(reference.ref.id) : undefined
    const text = path === undefined ? undefined : this.files.get(path)
    return text === undefined ? undefined : encode(text)
  }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A handle of an artifact of low classification that may be exported, but for what `more` says. */
export function handleOf(
  name: string,
  content_hash: string,
  size_bytes: number,
  more: Partial<ArtifactHandle> = {},
): ArtifactHandle {
  return {
    artifact_id: uuidFromHash(canonicalHash(name)),
    kind: 'file',
    uri: `/objects/${name}`,
    content_hash,
    size_bytes,
    classification: 'low',
    exportable: true,
    ...more,
  }
}
