import { canonicalHash, serializeJcs, textHash, type Hash } from '@ctxlock/core-hash'

/** One field that is not what was recorded; null where one side has none. Values are named by their hashes, never shown. */
export interface Difference {
  /** Names of members and indices from the record's name down, joined by slashes. */
  readonly field: string
  readonly recorded: Hash | null
  readonly rebuilt: Hash | null
}

export interface Comparison {
  readonly differences: readonly Difference[]
  /** Fields that are the same on both sides. */
  readonly agreeing: number
}

type Members = ReadonlyMap<string, unknown>

/**
 * Compares two values field by field, in the order of the canonical form. Numbers, texts, null and empty lists are fields; lists of
 * another length differ in what one of them has more.
 */
export function compareFields(field: string, recorded: unknown, rebuilt: unknown): Comparison {
  const [left, right] = [membersOf(recorded), membersOf(rebuilt)]
  if (!left || !right) {
    const isSame = recorded === rebuilt || hashOf(recorded) === hashOf(rebuilt)
    if (isSame) return { differences: [], agreeing: 1 }
    return { differences: [{ field, recorded: hashOf(recorded), rebuilt: hashOf(rebuilt) }], agreeing: 0 }
  }
  const names = [...new Set([...left.keys(), ...right.keys()])]
  return allOf(names.map((name) => compareFields(`${field}/${name}`, left.get(name), right.get(name))))
}

export function allOf(comparisons: readonly Comparison[]): Comparison {
  return {
    differences: comparisons.flatMap(({ differences }) => differences),
    agreeing: comparisons.reduce((sum, { agreeing }) => sum + agreeing, 0),
  }
}

/** What a list or an object holds; undefined for everything that is a field itself. */
function membersOf(value: unknown): Members | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  if (entries.length === 0) return undefined
  return new Map(Array.isArray(value) ? entries : entries.toSorted(([left], [right]) => (left < right ? -1 : 1)))
}

/** Requests are compared as they are, records in their canonical form; both are JSON, and a lone surrogate is only text. */
function hashOf(value: unknown): Hash | null {
  if (value === undefined) return null
  if (typeof value === 'string' && !value.isWellFormed()) return textHash(JSON.stringify(value))
  return typeof value === 'string' ? textHash(serializeJcs(value)) : canonicalHash(value)
}
