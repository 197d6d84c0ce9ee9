import { ANSWER_OUTPUTS, MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import { isRelativePath } from '@ctxlock/contracts/relative-path'

import { isFolderOf } from './edits/path-rules.ts'
import { finding, type Finding } from './finding.ts'

/** A definition as it came: raw, and parsed when the field rules hold. */
export interface DefinitionEntry {
  readonly label: string
  readonly raw: Readonly<Record<string, unknown>>
  readonly definition: MicroTaskDefinition | undefined
  readonly findings: readonly Finding[]
}

/** Reads one definition and judges it by the field table of spec 08 section 2; `index` names one without an id. */
export function readDefinitionEntry(value: unknown, index: number): DefinitionEntry {
  const raw = isRecord(value) ? value : {}
  const label = typeof raw['mt_id'] === 'string' ? raw['mt_id'].slice(0, 64) : `#${index + 1}`
  // These four fields came later; older files load with their defaults (spec 08 decision 4).
  const complete = isRecord(value)
    ? { execution_tier: 'local_small', allowed_tools: [], retry_budget: 1, expected_output: 'patch', ...value }
    : value
  const result = MicroTaskDefinition.safeParse(complete)
  if (result.success) return { label, raw, definition: result.data, findings: fieldRules(result.data) }
  const findings = result.error.issues.map(({ path, message }) => {
    const rule = path[0] === 'mt_id' ? 'MT-VAL-002' : path[0] === 'retry_budget' ? 'MT-VAL-012' : 'MT-SCHEMA'
    return finding(rule, label, path.map(String).join('.'), message)
  })
  return { label, raw, definition: undefined, findings }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Rules of the field table that a schema cannot say. */
function fieldRules(definition: MicroTaskDefinition): Finding[] {
  const { mt_id, files, verify, done, expected_output } = definition
  const findings: Finding[] = []
  const refuse = (field: string, message: string) => findings.push(finding('MT-SCHEMA', mt_id, field, message))
  for (const kind of ['read', 'modify', 'create'] as const) {
    for (const [index, path] of files[kind].entries()) {
      if (!isRelativePath(path)) refuse(`files.${kind}.${index}`, 'expected a path in Unicode form NFC')
    }
  }
  const targets = (['modify', 'create'] as const).flatMap((kind) =>
    files[kind].map((path, index) => ({ path, field: `files.${kind}.${index}` })),
  )
  for (const { path, field } of targets) {
    const inside = targets.find((other) => isFolderOf(path, other.path))
    if (inside) refuse(field, `expected a file, got a folder of ${inside.path}`)
  }
  if (verify.length === 0 && !ANSWER_OUTPUTS.has(expected_output)) {
    refuse('verify', `expected 1 to 5 commands for the output ${expected_output}, got none`)
  }
  for (const [index, spec] of verify.entries()) {
    const needsPattern = spec.expect === 'contains' || spec.expect === 'not_contains'
    if (needsPattern && spec.pattern === undefined) {
      refuse(`verify.${index}.pattern`, `expected the text that ${spec.expect} looks for, got none`)
    }
  }
  for (const [index, criterion] of done.entries()) {
    const reference = criterion.verify_ref
    if (criterion.verification === 'automated' && reference === undefined) {
      refuse(`done.${index}.verify_ref`, 'expected the number of a verify entry for an automated criterion, got none')
    } else if (reference !== undefined && reference >= verify.length) {
      refuse(`done.${index}.verify_ref`, `expected a number below ${verify.length}, got ${reference}`)
    }
  }
  return findings
}
