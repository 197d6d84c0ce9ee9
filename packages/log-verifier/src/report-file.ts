/** The data of a report file (`ctxlock report`). Whoever handed the file over may have written every byte of it. */
export interface ReportFile {
  readonly schema_version: 'ctxlock.report@1'
  /** The key the writer says the log is signed with; it proves nothing to who does not know it. */
  readonly public_key: string | null
  /** A signed checkpoint of the log; null when nothing was signed yet. */
  readonly checkpoint: string | null
  /** Hashes that the proofs are made of, in hex, each once. */
  readonly nodes: readonly string[]
  /** Events of the run and of its children, and the orders by which some of them were erased; by position. */
  readonly events: readonly ReportedEvent[]
  /** Records that events name by their hash: canonical texts. */
  readonly records: readonly string[]
  /** What the writer says beside the log, as JSON text. */
  readonly statement: string
  /** The writer's signature under the statement, a signed note; null without one. */
  readonly statement_note: string | null
}

export interface ReportedEvent {
  readonly seq: number
  /** Canonical text, with its salt; null when it was erased. */
  readonly text: string | null
  /** Hash of a text that was erased; null where there is a text to hash. */
  readonly hash: string | null
  /** Places in `nodes`, from the leaf to the root; null for an event that the checkpoint does not cover. */
  readonly proof: readonly number[] | null
}

/** What the writer says beside the log. It is believed as far as the signature under it. */
export interface ReportStatement {
  readonly schema_version: 'ctxlock.report_statement@1'
  readonly written_by: string
  /**
   * The parts of the run, then those of its children: each process that worked on a run recorded a part under an id of its own. `events` is
   * how many of a part are in the file with their text.
   */
  readonly runs: readonly { readonly run_id: string; readonly part_of: string; readonly events: number }[]
  /** Rules by the hash of their role pack. Their words stand in prompts and not here. */
  readonly rules: readonly RoleRules[]
  /** Records the events name that the report should hold, and that were no longer there. */
  readonly records_missing: readonly string[]
}

export interface RoleRules {
  readonly pack_hash: string
  readonly role: string
  readonly rules: readonly {
    readonly rule_id: string
    readonly severity: string
    readonly source_id: string | null
    readonly source_hash: string | null
    readonly selector: string | null
  }[]
}

const REPORT_KEYS = 'checkpoint,events,nodes,public_key,records,schema_version,statement,statement_note'
const EVENT_KEYS = 'hash,proof,seq,text'

/** Takes the data of a report apart; undefined for what is none, or holds anything beside it. */
export function parseReport(text: string): ReportFile | undefined {
  const file = parsed(text)
  return isReport(file) ? file : undefined
}

/** The statement of a report; undefined when it is none. */
export function parseStatement(text: string): ReportStatement | undefined {
  const statement = parsed(text)
  return isStatement(statement) ? statement : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isReport(value: unknown): value is ReportFile {
  return (
    isObject(value) &&
    keysOf(value) === REPORT_KEYS &&
    value['schema_version'] === 'ctxlock.report@1' &&
    isTextOrNull(value['public_key']) &&
    isTextOrNull(value['checkpoint']) &&
    isTextOrNull(value['statement_note']) &&
    isText(value['statement']) &&
    isListOf(value['nodes'], isHash) &&
    isListOf(value['records'], isText) &&
    isListOf(value['events'], isReportedEvent)
  )
}

function isReportedEvent(value: unknown): value is ReportedEvent {
  if (!isObject(value) || keysOf(value) !== EVENT_KEYS) return false
  const { seq, text, hash, proof } = value
  const isOneOfTwo = isText(text) ? hash === null : text === null && isHash(hash)
  return isCount(seq) && isOneOfTwo && (proof === null || isListOf(proof, isCount))
}

function isStatement(value: unknown): value is ReportStatement {
  return (
    isObject(value) &&
    value['schema_version'] === 'ctxlock.report_statement@1' &&
    isText(value['written_by']) &&
    isListOf(
      value['runs'],
      (run) => isObject(run) && isText(run['run_id']) && isText(run['part_of']) && isCount(run['events']),
    ) &&
    isListOf(value['rules'], isRoleRules) &&
    isListOf(value['records_missing'], isHash)
  )
}

function isRoleRules(value: unknown): value is RoleRules {
  return (
    isObject(value) &&
    isHash(value['pack_hash']) &&
    isText(value['role']) &&
    isListOf(
      value['rules'],
      (rule) =>
        isObject(rule) &&
        isText(rule['rule_id']) &&
        isText(rule['severity']) &&
        [rule['source_id'], rule['source_hash'], rule['selector']].every(isTextOrNull),
    )
  )
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const keysOf = (value: object): string => Object.keys(value).toSorted().join(',')
const isText = (value: unknown): value is string => typeof value === 'string' && value.isWellFormed()
const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value)
const isHash = (value: unknown): value is string => isText(value) && /^[0-9a-f]{64}$/.test(value)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem)
