import type { ParameterClass } from '@ctxlock/contracts/primitives'

/** What one status line says; `null` is printed as `NONE`, `none` or `NA` as the field demands (MT-059, MT-060). */
export interface StatusLine {
  readonly role: string | null
  readonly wp: string
  readonly mt: string | null
  readonly phase:
    | 'BOOTSTRAP'
    | 'SKELETON'
    | 'IMPLEMENTATION'
    | 'HYGIENE'
    | 'EVALUATION'
    | 'HANDOFF'
    | 'BLOCKED'
    | 'FAILSTATE'
    | 'DONE'
  readonly state: 'RUNNING' | 'WAITING' | 'BLOCKED' | 'DONE' | 'FAILSTATE'
  readonly model: string | null
  readonly backend: 'local' | 'cloud' | null
  readonly parameterClass: ParameterClass | null
  readonly reasoningStrength: string | null
  readonly lock: 'OK' | 'CONFLICT'
  readonly gate: { readonly name: 'G0' | 'G1' | 'NONE'; readonly verdict: 'PASS' | 'BLOCK' | 'PEND' }
  readonly code: string | null
}

const KEYS = ['role', 'wp', 'mt', 'phase', 'state', 'model', 'backend', 'pc', 'rs', 'lock', 'gate', 'code'] as const
const LINE = new RegExp(`^HSK_STATUS ${KEYS.map((key) => `${key}=([^ =]+)`).join(' ')}$`)

/** The values of a status as they are printed. They come from models and people: none can add a key or a line (MT-061). */
export function statusWords(status: StatusLine) {
  return {
    role: value(status.role),
    wp: value(status.wp),
    mt: value(status.mt),
    phase: status.phase,
    state: status.state,
    model: value(status.model),
    backend: status.backend ?? ('none' as const),
    pc: status.parameterClass ?? ('NA' as const),
    rs: value(status.reasoningStrength, 'NA'),
    lock: status.lock,
    gate: `${status.gate.name}:${status.gate.verdict}`,
    code: value(status.code),
  } satisfies Readonly<Record<(typeof KEYS)[number], string>>
}

/** One line with the keys in fixed order (MT-059), of the words as they are recorded. */
export function formatStatusLine(words: ReturnType<typeof statusWords>): string {
  return `HSK_STATUS ${KEYS.map((key) => `${key}=${words[key]}`).join(' ')}`
}

/** The values of a status line by key, as printed, or undefined when the text is not exactly one. */
export function parseStatusLine(line: string): Readonly<Record<string, string>> | undefined {
  const match = LINE.exec(line)
  if (!match) return undefined
  return Object.fromEntries(KEYS.map((key, index) => [key, match[index + 1] ?? '']))
}

function value(text: string | null, absent = 'NONE'): string {
  if (text === null || text === '') return absent
  return text.slice(0, 256).replace(/[\s=\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '_')
}
