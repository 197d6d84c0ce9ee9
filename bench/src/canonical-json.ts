// Canonical text and hash beside JSON.stringify, the limit no checking serializer in JavaScript gets below for long.
// The npm package `canonicalize` is the peer to add when it becomes a devDependency; it is not installed.
import { hash } from 'node:crypto'
import { canonicalHash, canonicalize } from '../../packages/core-hash/src/index.ts'

export const name = 'canonical-json'

export interface Row {
  readonly object: string
  readonly work: 'text' | 'hash'
  /** UTF-8 bytes of the JSON text. */
  readonly bytes: number
  /** Median microseconds of JSON.stringify, or of SHA-256 over its text. */
  readonly native_us: number
  readonly canonical_us: number
  readonly ratio: number
}

const SIZES = [1_000, 100_000, 5_000_000]
/** Long enough for the compiler to settle on both. */
const WARM_UP_MS = 200

/** One row per kind of object, size and work; medians over 31 rounds, 9 for the largest. */
export async function run(): Promise<{ node: string; peer: string; rows: Row[] }> {
  return { node: process.version, peer: 'JSON.stringify', rows: compare(SIZES) }
}

/** Subject and peer take turns in every round, so both meet the same noise; medians of the rounds. */
export function compare(sizes: readonly number[], rounds?: number): Row[] {
  const rows: Row[] = []
  for (const [object, makeRecord] of Object.entries(RECORDS)) {
    for (const size of sizes) {
      const value = valueOfSize(makeRecord, size)
      const bytes = Buffer.byteLength(JSON.stringify(value))
      const repeats = Math.max(1, Math.round(200_000 / bytes))
      const turns = rounds ?? (bytes > 1_000_000 ? 9 : 31)
      rows.push(row(object, 'text', bytes, race(value, JSON.stringify, canonicalize, repeats, turns)))
      rows.push(row(object, 'hash', bytes, race(value, hashOfJson, canonicalHash, repeats, turns)))
    }
  }
  return rows
}

function row(object: string, work: Row['work'], bytes: number, [native, canonical]: [number, number]): Row {
  const micros = (milliseconds: number): number => Number((milliseconds * 1000).toFixed(2))
  return {
    object,
    work,
    bytes,
    native_us: micros(native),
    canonical_us: micros(canonical),
    ratio: Number((canonical / native).toFixed(2)),
  }
}

type Write = (value: unknown) => string

function race(value: unknown, native: Write, canonical: Write, repeats: number, rounds: number): [number, number] {
  const nativeTimes: number[] = []
  const canonicalTimes: number[] = []
  for (const warm = performance.now() + WARM_UP_MS; performance.now() < warm;) {
    time(native, value, repeats)
    time(canonical, value, repeats)
  }
  for (let round = 0; round < rounds; round++) {
    nativeTimes.push(time(native, value, repeats))
    canonicalTimes.push(time(canonical, value, repeats))
  }
  return [median(nativeTimes), median(canonicalTimes)]
}

function time(write: Write, value: unknown, repeats: number): number {
  let total = 0
  const start = performance.now()
  // Reading a character keeps the work from being optimised away.
  for (let repeat = 0; repeat < repeats; repeat++) total += write(value).charCodeAt(1)
  const milliseconds = (performance.now() - start) / repeats
  if (!(total > 0)) throw new Error('Expected text from the serializer.')
  return milliseconds
}

function median(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}

const hashOfJson: Write = (value) => hash('sha256', JSON.stringify(value), 'hex')

const ENGLISH = ['reads the index', 'of a repository', 'and returns spans', 'src/index.ts', 'checked twice', 'in order']
const UNICODE = [
  'liest das Verzeichnis',
  '索引を読み取り',
  'возвращает участки',
  'größer als ½',
  '한국어 텍스트',
  'fin ✓',
]

/** The records a run hashes most: events are identifiers and hashes, blocks carry text, rows are short fields and lists. */
const RECORDS: Record<string, (index: number) => object> = {
  'ASCII events': (index) => event(index, ENGLISH),
  'ASCII blocks': (index) => block(index, ENGLISH),
  'ASCII short fields': (index) => candidate(index, ENGLISH),
  'Unicode events': (index) => event(index, UNICODE),
  'Unicode blocks': (index) => block(index, UNICODE),
  'Unicode short fields': (index) => candidate(index, UNICODE),
}

/** Parsed from text, as records are that come from a file or another process. */
function valueOfSize(makeRecord: (index: number) => object, bytes: number): unknown {
  const count = Math.max(1, Math.round(bytes / Buffer.byteLength(JSON.stringify(makeRecord(1)))))
  return JSON.parse(
    JSON.stringify({ version: 1, kind: 'bench', records: Array.from({ length: count }, (_, i) => makeRecord(i)) }),
  )
}

function hashOf(index: number): string {
  return hash('sha256', String(index), 'hex')
}

function words(index: number, vocabulary: readonly string[], count: number): string {
  return Array.from({ length: count }, (_, word) => vocabulary[(index + word * 5) % vocabulary.length]).join(' ')
}

function event(index: number, vocabulary: readonly string[]): object {
  return {
    schema_id: 'hsk.flight_event@1',
    event_type: 'FR-EVT-LLM-EXEC-001',
    event_id: `01890a5d-ac96-774b-bcce-${String(index).padStart(12, '0')}`,
    trace_id: '01890a5d-ac96-774b-bcce-b302099a8057',
    created_at: '2026-02-12T02:22:31.408Z',
    summary: words(index, vocabulary, 4),
    model: { model_id: 'qwen2.5-coder-7b', tier: 'local', context_window: 32_768 },
    stable_prefix_hash: hashOf(index),
    variable_suffix_hash: hashOf(index + 1),
    full_prompt_hash: hashOf(index + 2),
    prompt_tokens: 4096 + index,
    completion_tokens: 512,
    latency_ms: 1234.5,
    truncated: false,
    error: null,
  }
}

function block(index: number, vocabulary: readonly string[]): object {
  return {
    block_id: `block-${index}`,
    order_key: String(index).padStart(6, '0'),
    kind: 'source_span',
    source_ref: {
      source_id: `source-${index}`,
      path: `packages/example/src/file-${index}.ts`,
      start_line: index,
      end_line: index + 30,
    },
    source_hash: hashOf(index),
    token_estimate: 180,
    content: words(index, vocabulary, 40),
  }
}

function candidate(index: number, vocabulary: readonly string[]): object {
  return {
    id: `span-${index}`,
    rank: index,
    base_score: (index % 1000) / 1000,
    selected: index % 3 === 0,
    reason: null,
    label: words(index, vocabulary, 1),
    tags: [words(index + 1, vocabulary, 1), words(index + 2, vocabulary, 1)],
    lines: [index, index + 12],
  }
}
