/** `MT-SCHEMA` stands for the field rules of spec 08 section 2 that have no number of their own. */
export type MicroTaskRule =
  | 'MT-SCHEMA'
  | 'MT-VAL-001'
  | 'MT-VAL-002'
  | 'MT-VAL-003'
  | 'MT-VAL-004'
  | 'MT-VAL-005'
  | 'MT-VAL-006'
  | 'MT-VAL-007'
  | 'MT-VAL-008'
  | 'MT-VAL-009'
  | 'MT-VAL-010'
  | 'MT-VAL-011'
  | 'MT-VAL-012'
  | 'MT-VAL-013'
  | 'MT-VAL-014'

export type FindingSeverity = 'ERROR' | 'WARNING' | 'INFO'

export interface Finding {
  readonly rule: MicroTaskRule
  readonly severity: FindingSeverity
  /** The definition's own id, or its position (`#3`) when it has none that can be read; empty for the whole packet. */
  readonly mt_id: string
  /** Dotted path of the field, for example `files.modify.0`. */
  readonly field: string
  /** What was expected and what came. */
  readonly message: string
  /** A value that would be accepted. */
  readonly example: string
}

/** For `MT-SCHEMA`, which stands for many fields: by the field, as a task file says it. */
const FIELD_EXAMPLES: Readonly<Partial<Record<string, string>>> = {
  name: '"name": "Add the case"',
  files: '"files": { "modify": ["src/session.ts"] }',
  verify: '"verify": ["npm test"]',
  done: '"done": [{ "description": "the tests pass", "verify_ref": 0 }]',
}

const RULES: Readonly<Record<MicroTaskRule, { readonly severity: FindingSeverity; readonly example: string }>> = {
  'MT-SCHEMA': { severity: 'ERROR', example: 'see the published schema MicroTaskDefinition' },
  'MT-VAL-001': { severity: 'ERROR', example: '"mt_id": "MT-002"' },
  'MT-VAL-002': { severity: 'ERROR', example: '"mt_id": "MT-001"' },
  'MT-VAL-003': { severity: 'ERROR', example: '"depends_on": ["MT-001"]' },
  'MT-VAL-004': { severity: 'ERROR', example: '"depends_on": []' },
  'MT-VAL-005': { severity: 'ERROR', example: '"modify": ["src/session.ts"] with the scope "src/"' },
  'MT-VAL-006': { severity: 'ERROR', example: '"token_budget": 4096' },
  'MT-VAL-007': { severity: 'WARNING', example: '"verify": [{ "command": "npm test", "blocking": true, … }]' },
  'MT-VAL-008': { severity: 'WARNING', example: '"done": [{ "verification": "automated", "verify_ref": 0, … }]' },
  'MT-VAL-009': { severity: 'WARNING', example: '"actions": ["1. Read the parser", "2. Add the case"]' },
  'MT-VAL-010': { severity: 'INFO', example: 'packetTokenEstimate: 12000' },
  'MT-VAL-011': { severity: 'ERROR', example: '"allowed_tools": []' },
  'MT-VAL-012': { severity: 'ERROR', example: '"retry_budget": 1' },
  'MT-VAL-013': { severity: 'ERROR', example: '"expected_output": "patch"' },
  'MT-VAL-014': { severity: 'WARNING', example: '"execution_tier": "local_small"' },
}

export function finding(
  rule: MicroTaskRule,
  mtId: string,
  field: string,
  message: string,
  severity: FindingSeverity = RULES[rule].severity,
): Finding {
  const ofField = rule === 'MT-SCHEMA' ? FIELD_EXAMPLES[field.split('.', 1)[0] ?? ''] : undefined
  return { rule, severity, mt_id: mtId, field, message, example: ofField ?? RULES[rule].example }
}

/** True when a finding forbids the job (MT-004). */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'ERROR')
}
