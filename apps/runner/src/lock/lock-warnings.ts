import ignore from 'ignore'

import { lockfileIgnored, lockfileIgnoredText } from '../git/lockfile-ignored.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import type { SourceSurvey } from './source-survey.ts'

/** What is locked as it was asked for, and hardly meant so. */
export function lockWarnings(
  root: string,
  { sources: { include, exportable, trust } }: ResolvedConfig,
  survey: SourceSurvey,
): string[] {
  const paths = survey.sources.map(({ path }) => path)
  const ignored = lockfileIgnored(root)
  return [
    ...unmatched('include', include, survey.files),
    ...unmatched('exportable', exportable, paths),
    ...unmatched('trust.low', trust.low, paths),
    ...unmatched('trust.high', trust.high, paths),
    ...(paths.length === 0 ? ['there is no source: a check will find nothing to compare'] : []),
    ...(ignored ? [lockfileIgnoredText(ignored)] : []),
  ]
}

/** Of one list of the config. A pattern that takes something out again matches nothing by itself. */
function unmatched(field: string, patterns: readonly string[], paths: readonly string[]): string[] {
  return patterns
    .filter((pattern) => !/^\s*(?:[!#]|$)/.test(pattern))
    .filter((pattern) => {
      const matcher = ignore({ ignorecase: false }).add(pattern)
      return !paths.some((path) => matcher.ignores(path))
    })
    .map((pattern) => `\`sources.${field}\` of the config: ${pattern} matches no file`)
}
