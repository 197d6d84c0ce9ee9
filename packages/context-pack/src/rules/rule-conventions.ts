import type { RuleConvention } from '@ctxlock/contracts/rules'

import { PackError } from '../pack-error.ts'
import { readFrontMatter } from './front-matter.ts'
import { globPatterns } from './path-patterns.ts'
import type { RuleReach } from './rule-reach.ts'

/** The folder a file lies in, '' for the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

interface Convention {
  /** Matches the part of a path below the folder the file governs. */
  readonly file: RegExp
  reachOf(folder: string, path: string, text: () => string): RuleReach | undefined
}

const CONVENTIONS: Readonly<Record<RuleConvention, Convention>> = {
  // agents.md: the file nearest to the edited one is read, the ones above it are not.
  'agents-md': { file: /(?:^|\/)AGENTS\.md$/, reachOf: (folder) => ({ kind: 'nearest', folder }) },
  // Claude Code reads every CLAUDE.md from the root down to the file.
  'claude-md': { file: /(?:^|\/)(?:\.claude\/)?CLAUDE\.md$/, reachOf: (folder) => ({ kind: 'below', folder }) },
  'cursor-rules': { file: /(?:^|\/)\.cursor\/rules\/.+\.mdc$/, reachOf: cursorReach },
}

/** Whether one of these conventions looks at a file, by its name. */
export function isConventionFile(path: string, conventions: readonly RuleConvention[]): boolean {
  return conventions.some((name) => CONVENTIONS[name].file.test(path))
}

/** For which paths a file governs by one of these conventions; undefined when it governs none. */
export function conventionReach(
  path: string,
  conventions: readonly RuleConvention[],
  text: () => string,
): RuleReach | undefined {
  for (const name of conventions) {
    const { file, reachOf } = CONVENTIONS[name]
    const match = file.exec(path)
    if (match) return reachOf(path.slice(0, match.index), path, text)
  }
  return undefined
}

/** A rule with neither globs nor alwaysApply waits for a model or a person to choose it, so it governs nothing here (CP-043). */
function cursorReach(folder: string, path: string, text: () => string): RuleReach | undefined {
  const entries = readFrontMatter(text())
  const [always = 'false'] = entries?.get('alwaysApply') ?? []
  if (!entries || (always !== 'true' && always !== 'false')) {
    throw new PackError(
      'PACK_RULE_FILE_UNREADABLE',
      `${path} needs front matter between two lines of --- in which alwaysApply is true or false.`,
    )
  }
  if (always === 'true') return { kind: 'below', folder }
  const patterns = (entries.get('globs') ?? []).flatMap((glob) => globPatterns(glob, folder))
  return patterns.length === 0 ? undefined : { kind: 'matching', folder, patterns }
}
