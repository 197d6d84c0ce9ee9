import { AutomationLevel, GovernanceMode, LEGACY_AUTOMATION_LEVELS } from '@ctxlock/contracts/primitives'

import { GovernanceError } from './governance-error.ts'

export interface GovernanceSettings {
  readonly mode: GovernanceMode
  readonly level: AutomationLevel
}

/** A level as a configuration writes it; `ASSISTED` and `SUPERVISED` are read as `HYBRID`. Throws `GOVERNANCE_INVALID`. */
export function parseAutomationLevel(value: unknown): AutomationLevel {
  if (LEGACY_AUTOMATION_LEVELS.has(value)) return 'HYBRID'
  const level = AutomationLevel.safeParse(value)
  if (level.success) return level.data
  throw invalid('An automation level', AutomationLevel.options)
}

/**
 * Mode and level of a configuration (PROV-060, PROV-062). The mode `locked` means the level `LOCKED` whatever the level
 * says, under the strictest mode (PROV-048). Throws `GOVERNANCE_INVALID`; there is no permissive default.
 */
export function parseGovernance(settings: { readonly mode: unknown; readonly level: unknown }): GovernanceSettings {
  if (settings.mode === 'locked') return { mode: 'gov_strict', level: 'LOCKED' }
  const mode = GovernanceMode.safeParse(settings.mode)
  if (!mode.success) throw invalid('A governance mode', [...GovernanceMode.options, 'locked'])
  return { mode: mode.data, level: parseAutomationLevel(settings.level) }
}

function invalid(what: string, expected: readonly string[]): GovernanceError {
  return new GovernanceError(
    'GOVERNANCE_INVALID',
    `${what} is one of ${expected.join(', ')}; the configured one is not.`,
  )
}
