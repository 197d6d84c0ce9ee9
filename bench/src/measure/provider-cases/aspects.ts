import { objectOf } from '../../../../packages/provider-kit/src/index.ts'
import type { ProviderCase } from './provider-case.ts'

/** What callers act on: of the cases that expect something of it, how many got it. */
export interface AspectScore {
  readonly total: number
  readonly met: number
}

type Aspect = 'error.code' | 'error.retryable' | 'usage' | 'warnings'

export function scoreAspects(
  cases: readonly ProviderCase[],
  faultsOf: (id: string) => readonly string[],
): Readonly<Record<Aspect, AspectScore>> {
  const score = (aspect: Aspect): AspectScore => {
    const [member, part] = aspect.split('.')
    const expecting = cases.filter(({ expect }) => {
      const expected = expect[member ?? '']
      return part === undefined ? expected !== undefined : objectOf(expected)[part] !== undefined
    })
    const met = expecting.filter(({ id }) => !faultsOf(id).some((fault) => fault.startsWith(`${aspect}:`)))
    return { total: expecting.length, met: met.length }
  }
  return {
    'error.code': score('error.code'),
    'error.retryable': score('error.retryable'),
    usage: score('usage'),
    warnings: score('warnings'),
  }
}
