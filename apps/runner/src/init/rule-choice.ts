import { createRedactor } from '@ctxlock/ace-validators/redactor'
import {
  assertLockableRules,
  PackError,
  readRuleSources,
  strictRulesTokens,
  type RuleSource,
} from '@ctxlock/context-pack'
import type { SourceReader } from '@ctxlock/contracts/ports'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

import { loadRules } from '../session/rule-set.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'

/** Rule sources as the config names them. */
export type RuleChoice = Omit<ResolvedConfig['rules'], 'maxTokens'>

export const NO_RULES: RuleChoice = { files: [], conventions: [], skills: [] }
/** The largest budget a config may give to rules, which every call carries (CP-045). */
const RULE_TOKENS = 600

export interface RuleWorkspace {
  readonly reader: SourceReader
  /** The files among which conventions and skills look; what is no source does not govern. */
  readonly paths: readonly string[]
  isSource(path: string): boolean
}

/** The budget that what is chosen needs, or why it cannot be chosen. */
export type Fit = { readonly maxTokens: 300 | 600 } | { readonly problem: string }

/** Whether every call can carry the rules it is then bound by: one without files, and one in each folder with rules of its own. */
export function fitOf(workspace: RuleWorkspace, choice: RuleChoice): Fit {
  const sources = ruleSourcesOf(workspace, choice)
  if ('problem' in sources) return sources
  const { reader, paths, isSource } = workspace
  const rules = loadRules(reader, { ...choice, maxTokens: RULE_TOKENS }, { paths: () => paths, isSource })
  const folders = sources.flatMap(({ path }) => (path.includes('/') ? [path.slice(0, path.lastIndexOf('/'))] : []))
  const scopes = [[], ...[...new Set(folders)].map((folder) => [folder])]
  const tokens = Math.max(...scopes.map((scope) => strictRulesTokens(rules.inForce(scope).rules, codePointsPerFour)))
  if (tokens > RULE_TOKENS) {
    return { problem: `calls would carry ${tokens} tokens of rules, more than the ${RULE_TOKENS} there may be` }
  }
  return { maxTokens: tokens > 300 ? RULE_TOKENS : 300 }
}

/** The governed files of a choice. A file that cannot govern is a reason not to choose it, and no failure. */
export function ruleSourcesOf(
  { reader, paths, isSource }: RuleWorkspace,
  choice: RuleChoice,
): readonly RuleSource[] | { readonly problem: string } {
  try {
    const sources = readRuleSources({ reader, paths, isSource, ...choice })
    const rules = sources.flatMap((source) => source.rules)
    assertLockableRules({ rules, sources: sources.map(({ source }) => source) }, createRedactor())
    if (sources.length === 0 || rules.length > 0) return sources
    return { problem: 'no sentence with MUST, NEVER or ALWAYS in it' }
  } catch (error) {
    if (error instanceof PackError) return { problem: error.message }
    throw error
  }
}
