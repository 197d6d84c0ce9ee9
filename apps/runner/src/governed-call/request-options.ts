import type { ArtifactHandle } from '@ctxlock/contracts/references'

/** What shapes the request of a call: all that compiling it, and replaying it, knows of what was asked for. */
export interface RequestOptions {
  readonly stream: boolean
  readonly maxTokens: number | undefined
  /** Objects of the store that the call refers to beside its packs; none of their text is sent, and guards look into them. */
  readonly attachments?: readonly ArtifactHandle[]
}
