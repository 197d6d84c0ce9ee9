/** What is read from the text of an event. */
export interface EventText {
  readonly seq: unknown
  readonly prevHash: unknown
  readonly type: unknown
  readonly run: string | undefined
  readonly expected: unknown
  readonly violation: string | undefined
  /** Of an order to erase: which positions, and how many of them each run loses. */
  readonly erases: readonly { readonly from: number; readonly to: number }[]
  readonly erasesOfRuns: readonly { readonly run: string; readonly events: number }[]
}

/** The event in a text; undefined when it is no JSON object. */
export function readEvent(text: string): EventText | undefined {
  const value = parsed(text)
  if (!isObject(value)) return undefined
  const { seq, prev_hash: prevHash, type, workflow_run_id: run } = value
  const payload = isObject(value['payload']) ? value['payload'] : {}
  const violation = type === 'security_violation' ? payload['idempotency_key'] : undefined
  return {
    seq,
    prevHash,
    type,
    run: typeof run === 'string' ? run : undefined,
    expected: payload['events_expected'],
    violation: typeof violation === 'string' ? violation : undefined,
    erases: objectsIn(payload['events']).flatMap(({ from, to }) =>
      isPosition(from) && isPosition(to) ? [{ from, to }] : [],
    ),
    erasesOfRuns: objectsIn(payload['runs']).flatMap(({ workflow_run_id: name, events }) =>
      typeof name === 'string' && isPosition(events) ? [{ run: name, events }] : [],
    ),
  }
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1
}

/** True for the one spelling a value may have: keys sorted, no blanks, NFC, at most six decimals (RFC 8785 and spec 01). */
export function isCanonical(text: string): boolean {
  const value = parsed(text)
  return value !== undefined && spelled(value) === text
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** So many containers may stand in each other (CJ-010); more were written to overflow a stack. */
const DEEPEST = 256

/** What may not stand in a canonical text is left out: without it, what is spelled is another text than the one that was read. */
function spelled(value: unknown, depth = 0): string {
  if (Number.isInteger(value)) return Number.isSafeInteger(value) ? JSON.stringify(value) : ''
  if (typeof value === 'number') return JSON.stringify(Number(value.toFixed(6)))
  if (typeof value === 'string') return value.isWellFormed() ? JSON.stringify(value.normalize('NFC')) : ''
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (depth === DEEPEST) return ''
  if (Array.isArray(value)) return `[${value.map((item) => spelled(item, depth + 1)).join(',')}]`
  // The default order of `sort` is that of UTF-16 code units.
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${spelled(key)}:${spelled(Reflect.get(value, key), depth + 1)}`)
  return `{${members.join(',')}}`
}
