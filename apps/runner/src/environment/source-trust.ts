import { pathExclusion } from '@ctxlock/context-pack/sources'
import { TrustClass } from '@ctxlock/contracts/retrieval'
import ignore from 'ignore'

/** How far a source is trusted, by its path. */
export type SourceTrust = (path: string) => TrustClass

const NO_CLASS: ReadonlySet<string> = new Set()

/**
 * Trust classes by gitignore patterns. What is named twice counts as the lower, and so does what by its name nobody wrote here
 * by hand, such as copied code that `sources.keep` took in, unless `high` names it.
 */
export function createSourceTrust(rules: {
  readonly low: readonly string[]
  readonly high: readonly string[]
}): SourceTrust {
  const low = ignore({ ignorecase: false }).add([...rules.low])
  const high = ignore({ ignorecase: false }).add([...rules.high])
  return (path) => {
    if (low.ignores(path)) return 'low'
    if (high.ignores(path)) return 'high'
    return pathExclusion(path, NO_CLASS) === undefined ? 'medium' : 'low'
  }
}

/** Whether a class is at least what is asked for. */
export function isTrusted(trust: TrustClass, least: TrustClass): boolean {
  return TrustClass.options.indexOf(trust) >= TrustClass.options.indexOf(least)
}
