import { derivePack, prepareExtractors, type DerivedPack, type NotPacked } from '@ctxlock/context-pack'
import type { Hash } from '@ctxlock/contracts/primitives'
import type { SourceReader, TokenCounter } from '@ctxlock/contracts/ports'

import type { PackBuilding } from './pack-building.ts'

/** A source by path, with its raw-byte hash as it was read before. */
export interface KnownSource {
  readonly path: string
  readonly hash: Hash
}

/** The payload of one file as canonical bytes, which is all that has to travel between threads. */
export type DerivedFile = Omit<DerivedPack, 'payload'> | NotPacked

/** Derives payloads from sources; what is stored of them is the host's business. */
export interface Derivation {
  /** One answer a source, in their order. */
  derive(sources: readonly KnownSource[]): Promise<readonly DerivedFile[]>
  close(): Promise<void>
}

export interface DerivationPorts {
  readonly building: PackBuilding
  readonly reader: SourceReader
  readonly tokenCounter: TokenCounter
}

/** Derives on the calling thread. */
export function directDerivation({ building, reader, tokenCounter }: DerivationPorts): Derivation {
  return {
    async derive(sources) {
      await prepareExtractors(
        building.extractors,
        sources.map(({ path }) => path),
      )
      return sources.map(({ path, hash }) =>
        withoutPayload(derivePack({ ...building, path, reader, tokenCounter }, hash)),
      )
    },
    close: () => Promise.resolve(),
  }
}

function withoutPayload(derived: DerivedPack | NotPacked): DerivedFile {
  if (derived.status === 'not_packed') return derived
  const { payload: _, ...file } = derived
  return file
}
