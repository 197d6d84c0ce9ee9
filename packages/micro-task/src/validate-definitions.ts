import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import { isInScope } from '@ctxlock/contracts/scope-pattern'

import { type DefinitionEntry, readDefinitionEntry } from './definition-entry.ts'
import { executionWaves } from './execution-waves.ts'
import { finding, type Finding } from './finding.ts'

export interface ValidationContext {
  /** IN_SCOPE_PATHS of the packet: files, folders and patterns. */
  readonly inScopePaths: readonly string[]
  /** Context window of the level-0 model, in tokens. */
  readonly contextWindowTokens: number
  /** What the prompt needs beside the budget: rules, iteration context, the answer. */
  readonly overheadTokens: number
  /** Size of the packet, when it can be estimated. */
  readonly packetTokenEstimate?: number
  /** The file was written before `expected_output` and `allowed_tools` existed. */
  readonly olderFile?: boolean
}

/**
 * Runs MT-VAL-001 to MT-VAL-014 and the field rules over definitions that were read from a file. Findings come in the
 * order of the rules; any `ERROR` forbids the job (MT-004). A definition that breaks a field rule is not judged further
 * until that is mended, except by the rules about ids and dependencies. Never throws.
 */
export function validateDefinitions(definitions: readonly unknown[], context: ValidationContext): Finding[] {
  const entries = definitions.map(readDefinitionEntry)
  const parsed = entries.flatMap(({ definition }) => (definition ? [definition] : []))
  return [
    ...entries.flatMap((entry) => entry.findings),
    ...repeatedIds(entries),
    ...unresolvedDependencies(entries),
    ...cycles(entries),
    ...parsed.flatMap((definition) => outOfScope(definition, context)),
    ...parsed.flatMap((definition) => overBudget(definition, context)),
    ...parsed.flatMap(withoutBlockingCheck),
    ...parsed.flatMap(unverifiedCriteria),
    ...parsed.flatMap(unorderedActions),
    ...unestimatedPacket(parsed, context),
    ...entries.flatMap((entry) => undeclaredTools(entry, context)),
    ...entries.flatMap((entry) => undeclaredOutput(entry, context)),
    ...parsed.flatMap(cloudFirst),
  ]
}

function repeatedIds(entries: readonly DefinitionEntry[]): Finding[] {
  const seen = new Set<string>()
  return entries.flatMap(({ raw, label }) => {
    if (typeof raw['mt_id'] !== 'string') return []
    if (seen.has(raw['mt_id']))
      return [finding('MT-VAL-001', label, 'mt_id', 'expected an id of its own, got one used before')]
    seen.add(raw['mt_id'])
    return []
  })
}

function dependenciesOf(entries: readonly DefinitionEntry[]): { mt_id: string; depends_on: string[] }[] {
  return entries.flatMap(({ raw }) => {
    const { mt_id, depends_on } = raw
    if (typeof mt_id !== 'string') return []
    const ids = Array.isArray(depends_on) ? depends_on.filter((id): id is string => typeof id === 'string') : []
    return [{ mt_id, depends_on: ids }]
  })
}

function unresolvedDependencies(entries: readonly DefinitionEntry[]): Finding[] {
  const nodes = dependenciesOf(entries)
  const known = new Set(nodes.map(({ mt_id }) => mt_id))
  return nodes.flatMap(({ mt_id, depends_on }) =>
    depends_on.flatMap((id, index) =>
      known.has(id)
        ? []
        : [
            finding(
              'MT-VAL-003',
              mt_id,
              `depends_on.${index}`,
              `expected the id of a definition, got ${JSON.stringify(id.slice(0, 64))}`,
            ),
          ],
    ),
  )
}

function cycles(entries: readonly DefinitionEntry[]): Finding[] {
  return executionWaves(dependenciesOf(entries)).cyclic.map((mtId) =>
    finding(
      'MT-VAL-004',
      mtId,
      'depends_on',
      'expected an order without a circle; this one lies on or behind a circle',
    ),
  )
}

function outOfScope({ mt_id, files }: MicroTaskDefinition, { inScopePaths }: ValidationContext): Finding[] {
  return (['modify', 'create'] as const).flatMap((kind) =>
    files[kind].flatMap((path, index) =>
      isInScope(path, inScopePaths)
        ? []
        : [
            finding(
              'MT-VAL-005',
              mt_id,
              `files.${kind}.${index}`,
              `expected a path inside the scope of the packet, got ${path}`,
            ),
          ],
    ),
  )
}

function overBudget({ mt_id, token_budget }: MicroTaskDefinition, context: ValidationContext): Finding[] {
  const available = context.contextWindowTokens - context.overheadTokens
  if (token_budget <= available) return []
  const message = `expected at most ${available} (a window of ${context.contextWindowTokens} tokens minus ${context.overheadTokens}), got ${token_budget}`
  return [finding('MT-VAL-006', mt_id, 'token_budget', message)]
}

function withoutBlockingCheck({ mt_id, verify }: MicroTaskDefinition): Finding[] {
  if (verify.some(({ blocking }) => blocking)) return []
  return [
    finding(
      'MT-VAL-007',
      mt_id,
      'verify',
      'expected at least one blocking command; without one a person must accept the result',
    ),
  ]
}

/** An automated criterion without one is an error of the field table. */
function unverifiedCriteria({ mt_id, done }: MicroTaskDefinition): Finding[] {
  return done.flatMap(({ verification, verify_ref }, index) =>
    verification === 'evidence_required' && verify_ref === undefined
      ? [finding('MT-VAL-008', mt_id, `done.${index}`, 'expected a verify entry that proves this criterion, got none')]
      : [],
  )
}

/** Order is checked where the actions state it: by a leading number, or by naming an earlier step. */
function unorderedActions({ mt_id, actions }: MicroTaskDefinition): Finding[] {
  let last = 0
  return actions.flatMap((action, index) => {
    const number = Number(/^\s*(\d{1,3})[.):]/.exec(action)?.[1] ?? last + 1)
    const forward = Number(/\bafter (?:step|action) (\d{1,3})\b/i.exec(action)?.[1] ?? 0) > index
    const ordered = number > last && !forward
    last = Math.max(last, number)
    return ordered
      ? []
      : [finding('MT-VAL-009', mt_id, `actions.${index}`, 'expected the actions in the order of their execution')]
  })
}

function unestimatedPacket(definitions: readonly MicroTaskDefinition[], context: ValidationContext): Finding[] {
  if (context.packetTokenEstimate !== undefined) return []
  const sum = definitions.reduce((total, { token_budget }) => total + token_budget, 0)
  return [
    finding(
      'MT-VAL-010',
      '',
      'token_budget',
      `the budgets add up to ${sum}; the size of the packet is not known, so they cannot be compared`,
    ),
  ]
}

/** Whoever changes files must have said which tools may be used for it, even if the answer is none. */
function undeclaredTools({ raw, label, definition }: DefinitionEntry, { olderFile }: ValidationContext): Finding[] {
  if (!definition || raw['allowed_tools'] !== undefined || olderFile === true) return []
  const changesFiles = definition.files.modify.length + definition.files.create.length > 0
  if (!changesFiles) return []
  return [
    finding('MT-VAL-011', label, 'allowed_tools', 'expected an explicit list, because files are changed; got none'),
  ]
}

function undeclaredOutput({ raw, label, definition }: DefinitionEntry, { olderFile }: ValidationContext): Finding[] {
  if (!definition || raw['expected_output'] !== undefined) return []
  const severity = olderFile === true ? 'WARNING' : 'ERROR'
  return [
    finding(
      'MT-VAL-013',
      label,
      'expected_output',
      'expected the kind of output; got none, patch is assumed',
      severity,
    ),
  ]
}

function cloudFirst({ mt_id, execution_tier }: MicroTaskDefinition): Finding[] {
  if (execution_tier !== 'cloud') return []
  return [finding('MT-VAL-014', mt_id, 'execution_tier', 'expected a local tier first; cloud is reached by escalation')]
}
