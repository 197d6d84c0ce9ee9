import { seededFractions } from '../../../../packages/plugin-api/src/testing.ts'

export const OUTCOMES = [
  'success',
  'timeout',
  'client error',
  'server error',
  'abort',
  'refusal',
  'broken connection',
  'redirect',
  'garbage',
  'bad configuration',
] as const
export type Outcome = (typeof OUTCOMES)[number]

/** Where the caller puts the marker. */
const OURS = ['prompt', 'key', 'url', 'tool arguments', 'tool description'] as const
/** Where the server repeats it. */
const THEIRS = ['reply', 'header', 'tool call', 'error body', 'names'] as const
export type OurPlace = (typeof OURS)[number]
export type TheirPlace = (typeof THEIRS)[number]

export interface MarkerCase {
  readonly marker: string
  readonly provider: 'openai_compat' | 'ollama'
  readonly outcome: Outcome
  readonly streamed: boolean
  readonly ours: ReadonlySet<OurPlace>
  readonly theirs: ReadonlySet<TheirPlace>
  /** Picks one of the forms a server may say it in. */
  readonly form: number
}

/** The `index`-th case of a seed. What the server repeats was ours before: a word of its own is no secret of anybody. */
export function markerCase(seed: number, index: number): MarkerCase {
  const next = seededFractions(seed + index * 7919)
  const pick = <T>(values: readonly [T, ...T[]]): T => values[Math.floor(next() * values.length)] ?? values[0]
  const some = <T>(values: readonly T[]): Set<T> => new Set(values.filter(() => next() < 0.5))
  const ours = some(OURS)
  ours.add(pick(OURS))
  // Half of them look like a key, which redaction knows by its shape; the others like a word.
  const alphabet = pick(['akQZ39', 'bdfhkm'])
  const letters = Array.from({ length: 24 }, () => alphabet[Math.floor(next() * alphabet.length)]).join('')
  return {
    marker: `marker${letters}`,
    provider: pick(['openai_compat', 'ollama']),
    outcome: OUTCOMES[index % OUTCOMES.length] ?? 'success',
    streamed: next() < 0.5,
    ours,
    theirs: some(THEIRS),
    form: Math.floor(next() * 1000),
  }
}
