import type { SourceReader } from '@ctxlock/contracts/ports'
import type { RunStatement, StatedResource } from '@ctxlock/contracts/run-statement'
import { bytesHash } from '@ctxlock/core-hash'

/** A file that a statement names, beside the one of a folder. */
export interface StatedFile {
  readonly path: string
  /** Whether the run wrote it, or only read it. */
  readonly part: 'came_out' | 'made_from'
  /** Any state but the first two says why it was not read. */
  readonly state: 'same' | 'differs' | ReadProblem
}

type ReadProblem = Exclude<ReturnType<SourceReader['read']>['status'], 'read'>

const FILE = 'file:'

/**
 * Compares the files a statement names with those `reader` finds, by their hashes. A file that the run changed is compared with what it
 * became only. Whoever signed chose the paths: the reader has to refuse what is outside.
 */
export function compareStatedFiles(
  { subject, predicate: { buildDefinition } }: RunStatement,
  reader: SourceReader,
): StatedFile[] {
  const out = filesIn(subject)
  const from = [...filesIn(buildDefinition.resolvedDependencies)].filter(([path]) => !out.has(path))
  return [
    ...[...out].map(([path, hash]) => ({ path, part: 'came_out' as const, state: stateOf(reader, path, hash) })),
    ...from.map(([path, hash]) => ({ path, part: 'made_from' as const, state: stateOf(reader, path, hash) })),
  ]
}

function filesIn(resources: readonly StatedResource[]): Map<string, string> {
  return new Map(
    resources.flatMap(({ uri, digest }) =>
      uri?.startsWith(FILE) && digest ? [[uri.slice(FILE.length), digest.sha256] as const] : [],
    ),
  )
}

function stateOf(reader: SourceReader, path: string, hash: string): StatedFile['state'] {
  const read = reader.read(path)
  if (read.status !== 'read') return read.status
  return bytesHash(read.bytes) === hash ? 'same' : 'differs'
}
