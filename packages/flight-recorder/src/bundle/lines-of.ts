import type { BundleLine } from '@ctxlock/contracts/evidence-bundle'

import type { ReadLine } from './read-lines.ts'

/** One line of a kind, as it was read. */
export type LineOf<Kind extends BundleLine['kind']> = ReadLine & {
  readonly record: Extract<BundleLine, { kind: Kind }>
}

/** The lines of one kind. */
export function linesOf<Kind extends BundleLine['kind']>(lines: readonly ReadLine[], kind: Kind): LineOf<Kind>[] {
  return lines.filter((line): line is LineOf<Kind> => line.record.kind === kind)
}
