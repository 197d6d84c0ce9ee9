import { join } from 'node:path'

import ignore from 'ignore'

import { entryAt } from '../environment/entry-at.ts'
import { lockfileIgnored, lockfileIgnoredText } from '../git/lockfile-ignored.ts'
import { sparselySkipped } from '../git/skipped-paths.ts'
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
  const missing = [...sparselySkipped(root)].filter((path) => entryAt(join(root, path)) === 'missing')
  return [
    ...unmatched('include', include, survey.files),
    ...unmatched('exportable', exportable, paths),
    ...unmatched('trust.low', trust.low, paths),
    ...unmatched('trust.high', trust.high, paths),
    ...(paths.length === 0 ? ['there is no source: a check will find nothing to compare'] : []),
    ...(missing.length > 0 ? [sparseText(missing)] : []),
    ...(ignored ? [lockfileIgnoredText(ignored)] : []),
  ]
}

/** A lock is of the tree as it is, and a colleague's is another one. */
function sparseText([path = '', ...others]: readonly string[]): string {
  const files = others.length === 0 ? path : `${path} and ${others.length} more`
  return `this sparse checkout has not got ${files}: they are in no lock made here, and a check finds them where they are`
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
