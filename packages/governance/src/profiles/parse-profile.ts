import type { RuntimeRole } from '@ctxlock/contracts/packs'
import { ModelAssignment, WorkProfile } from '@ctxlock/contracts/work-profile'

import { parseAutomationLevel } from '../automation.ts'
import { GovernanceError } from '../governance-error.ts'
import { schemaProblems } from '../schema-problems.ts'

export const ROLES: readonly RuntimeRole[] = ['frontend', 'orchestrator', 'worker', 'validator']

/**
 * A work profile of schema 0.5 or 0.6 (spec 06 section 10). Legacy automation levels are read as `HYBRID` (PROV-060).
 * Throws `PROFILE_INVALID` naming every field that is wrong, or `GOVERNANCE_INVALID` for a level that is none (PROV-062).
 */
export function parseProfile(value: unknown): WorkProfile {
  const parsed = WorkProfile.safeParse(withCurrentLevel(value))
  const problems = parsed.success ? profileProblems(parsed.data) : schemaProblems(parsed.error, 'profile')
  if (parsed.success && problems.length === 0) return parsed.data
  throw new GovernanceError('PROFILE_INVALID', 'The work profile was refused:', problems)
}

/** What no schema can say: what 0.5 may not hold yet, and lists that name one thing twice. */
export function profileProblems(profile: WorkProfile): string[] {
  const problems: string[] = []
  const assignments = allAssignments(profile)
  if (profile.schema_version === 'hsk.work_profile@0.5') {
    if (profile.routing) problems.push('routing: needs schema hsk.work_profile@0.6')
    if (assignments.some(({ compute }) => compute)) problems.push('compute: needs schema hsk.work_profile@0.6')
  }
  const { filetype_rules = [], task_type_rules = [] } = profile.overrides ?? {}
  const extensions = filetype_rules.map((rule) => normalizeExtension(rule.extension))
  if (hasRepetition(extensions)) problems.push('overrides.filetype_rules: an extension has two rules')
  if (hasRepetition(task_type_rules.map((rule) => rule.task_type))) {
    problems.push('overrides.task_type_rules: a task type has two rules')
  }
  const candidates = profile.routing?.candidate_models ?? []
  if (hasRepetition(candidates.map((model) => JSON.stringify([model.model_id, model.backend])))) {
    problems.push('routing.candidate_models: a model is listed twice')
  }
  return problems
}

/** `.TS`, `ts` and `.ts` are one extension. */
export function normalizeExtension(extension: string): string {
  return extension.replace(/^\./, '').toLowerCase()
}

function allAssignments({ model_assignments, overrides }: WorkProfile): ModelAssignment[] {
  const rules = [...(overrides?.filetype_rules ?? []), ...(overrides?.task_type_rules ?? [])]
  return [model_assignments, ...rules.map((rule) => rule.assignments)].flatMap((assignments) =>
    ROLES.flatMap((role) => assignments[role] ?? []),
  )
}

function hasRepetition(names: readonly string[]): boolean {
  return new Set(names).size !== names.length
}

function withCurrentLevel(value: unknown): unknown {
  if (!isRecord(value) || !isRecord(value['governance'])) return value
  const { governance } = value
  return {
    ...value,
    governance: { ...governance, automation_level: parseAutomationLevel(governance['automation_level']) },
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
