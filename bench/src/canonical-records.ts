// What canonical text and hashes are timed on.
import { hash } from 'node:crypto'

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
export const RECORDS: Readonly<Record<string, (index: number) => object>> = {
  'ASCII events': (index) => event(index, ENGLISH),
  'ASCII blocks': (index) => block(index, ENGLISH),
  'ASCII short fields': (index) => candidate(index, ENGLISH),
  'Unicode events': (index) => event(index, UNICODE),
  'Unicode blocks': (index) => block(index, UNICODE),
  'Unicode short fields': (index) => candidate(index, UNICODE),
}

/** Parsed from text, as records are that come from a file or another process. */
export function valueOfSize(makeRecord: (index: number) => object, bytes: number): unknown {
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
