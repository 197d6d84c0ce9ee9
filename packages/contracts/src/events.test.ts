import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { draftOf, eventSamples } from './testing.ts'
import { brokenSamples } from './testing.ts'
import type { Json, JsonSchema } from './testing.ts'
import { findOpenFields } from './events/open-fields.ts'
import {
  EVENT_CATALOGUE,
  FORBIDDEN_KEYS,
  FlightEvent,
  artifactReferences,
  checkEvent,
  resolveEventAlias,
  rewriteOpenStrings,
} from './events.ts'

const document: JsonSchema = JSON.parse(JSON.stringify(z.toJSONSchema(FlightEvent)))
const compile = (schema: JsonSchema) => new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)
const samples = eventSamples()
const CANARY = 'CANARY-7f3a the quick brown fox'

/** The whole event of a draft, with the recorder's fields as the recorder would fill them. */
function eventOf(draft: object): Record<string, unknown> {
  const [sample] = samples
  const { schema_version, event_id, timestamp, salt, seq, prev_hash, event_hash } = sample?.event ?? {}
  return { ...draft, schema_version, event_id, timestamp, salt, seq, prev_hash, event_hash }
}

test('the catalogue is the one of spec 09 section 4, ids and types each used once', () => {
  const numbered = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(3, '0')}`)
  const ids = [
    'FR-EVT-003',
    'FR-EVT-006',
    'FR-EVT-007',
    'FR-EVT-WF-RECOVERY',
    'FR-EVT-LLM-EXEC-001',
    'FR-EVT-SEC-VIOLATION',
    ...numbered('FR-EVT-MODEL', 5),
    ...numbered('FR-EVT-CLOUD', 4),
    ...numbered('FR-EVT-PROFILE', 3),
    ...numbered('FR-EVT-GOV', 5),
    ...numbered('FR-EVT-MT', 17),
    ...numbered('FR-EVT-SESS', 5),
    ...numbered('FR-EVT-SESS-SCHED', 4),
    ...numbered('FR-EVT-SESS-SPAWN', 5),
    ...numbered('FR-EVT-X-PACK', 5),
    'FR-EVT-X-ACE-001',
    'FR-EVT-X-SWAP-001',
    'FR-EVT-X-STATUS-001',
    'FR-EVT-X-LOCK-001',
    'FR-EVT-X-MT-001',
    'FR-EVT-X-NET-001',
    'FR-EVT-X-WAIVE-001',
    'FR-EVT-X-GC-001',
    'FR-EVT-X-ERASE-001',
    'FR-EVT-X-SEAL-001',
    'FR-EVT-X-METRIC-001',
    'FR-EVT-X-RUN-001',
    'FR-EVT-X-RUN-002',
    'FR-EVT-X-CALL-001',
    'FR-EVT-X-CALL-002',
    'FR-EVT-X-CALL-003',
    ...['1', '2', '3', '4', '5', '6', '7'].map((number) => `FR-EVT-X-EDIT-00${number}`),
    ...['1', '2', '3', '4'].map((number) => `FR-EVT-X-EXEC-00${number}`),
  ]
  expect(EVENT_CATALOGUE.map(({ fr_event_id }) => fr_event_id).sort()).toEqual(ids.sort())
  expect(new Set(EVENT_CATALOGUE.map(({ type }) => type)).size).toBe(ids.length)
  expect(samples.length).toBe(2 * ids.length)
})

// T-X-REC-01 and T-X-REC-02 over the whole catalogue.
describe.each(samples)('$type, $fullness', ({ event, schema }) => {
  const validate = compile(schema)

  test('the fitting sample passes, in zod and in ajv', () => {
    expect(checkEvent(event)).toMatchObject({ ok: true, event })
    expect(validate(event)).toBe(true)
  })

  test('a broken sample is refused by both, and the refusal repeats nothing of it', () => {
    let refused = 0
    for (const { name, value } of brokenSamples(event)) {
      const accepted = validate(value)
      const check = checkEvent(value)
      // Only rules between fields may refuse what the schema allows.
      const byRule = !check.ok && check.problem.reason === 'rule'
      expect(check.ok || byRule, name).toBe(accepted)
      if (!check.ok) expect(JSON.stringify(check.problem)).not.toContain('NOT-A-MEMBER')
      refused += check.ok ? 0 : 1
    }
    expect(refused).toBeGreaterThan(50)
  })

  test('the id with the type of another event, an unknown id and a nil trace are refused', () => {
    const other = event.type === 'tool_call' ? 'llm_inference' : 'tool_call'
    expect(checkEvent({ ...event, type: other })).toMatchObject({ problem: { reason: 'type_mismatch' } })
    expect(checkEvent({ ...event, fr_event_id: 'FR-EVT-CLOUD-005' })).toMatchObject({
      problem: { reason: 'unknown_id' },
    })
    const nil = '00000000-0000-0000-0000-000000000000'
    expect(checkEvent({ ...event, trace_id: nil })).toMatchObject({ problem: { pointer: '/trace_id' } })
    expect(checkEvent({ ...event, timestamp: '2026-01-02T03:04:05Z' })).toMatchObject({
      problem: { pointer: '/timestamp' },
    })
  })
})

test('no schema of the catalogue has a forbidden key or an unbounded string or list (REC-011, REC-012)', () => {
  const keys: string[] = []
  const walk = (schema: JsonSchema & { maxItems?: number }, path: string) => {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      keys.push(key)
      walk(property, `${path}/${key}`)
    }
    for (const choice of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) walk(choice, path)
    if (schema.type === 'array') expect(schema.maxItems, path).toBeLessThanOrEqual(256)
    if (schema.items) walk(schema.items, `${path}/*`)
    if (schema.type === 'string') {
      const bounded = schema.const ?? schema.enum ?? schema.pattern ?? schema.maxLength
      expect(bounded, path).toBeDefined()
      const isFreeLength = /[+*]\$$/.test(schema.pattern ?? '') && schema.maxLength === undefined
      expect(isFreeLength, `${path} has no bound`).toBe(false)
    }
    if (schema.type === 'object') expect(schema.additionalProperties, path).toBe(false)
  }
  walk({ oneOf: [...(document.$defs?.['FlightEvent']?.oneOf ?? [])] }, '')
  for (const [name, schema] of Object.entries(document.$defs ?? {})) if (name !== 'FlightEvent') walk(schema, name)
  expect(keys.length).toBeGreaterThan(1000)
  expect(keys.filter((key) => FORBIDDEN_KEYS.includes(key))).toEqual([])
})

test.each(FORBIDDEN_KEYS)('key %s is refused at every depth and in other spellings, by its own name only', (key) => {
  const event = eventOf(draftOf('llm_inference'))
  const camel = key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  for (const spelling of [key, key.toUpperCase(), key.replaceAll('_', '-'), camel]) {
    for (const value of [
      { ...event, [spelling]: CANARY },
      { ...event, payload: { ...Object(event['payload']), deep: { deeper: [{ [spelling]: CANARY }] } } },
    ]) {
      const check = checkEvent(value)
      expect(check).toMatchObject({ ok: false, problem: { reason: 'forbidden_key' } })
      expect(JSON.stringify(check)).not.toContain('CANARY')
    }
  }
})

test('a cyclic or very deep value is refused, not followed', () => {
  const cyclic: Record<string, unknown> = eventOf(draftOf('diagnostic'))
  cyclic['payload'] = cyclic
  expect(checkEvent(cyclic).ok).toBe(false)
})

test.each<[string, object, string]>([
  [
    'a trace in the payload that is not the envelope’s',
    { trace_id: '22222222-2222-4222-8222-222222222222' },
    '/payload/trace_id',
  ],
])('%s is refused', (_, change, pointer) => {
  const check = checkEvent({ ...eventOf(draftOf('llm_inference')), ...change })
  expect(check).toMatchObject({ ok: false, problem: { reason: 'rule', pointer } })
})

test('an injection needs its matches and the severity `critical`; other violations have no matches', () => {
  const draft = draftOf('security_violation')
  const withPayload = (payload: object) => checkEvent(eventOf({ ...draft, payload: { ...draft.payload, ...payload } }))
  const hash = 'a'.repeat(64)
  const match = {
    pattern_id: 'PI-001',
    view_id: 'V0',
    candidate_id: null,
    source_ref_hash: null,
    content_hash: hash,
    offset: 3,
    length: 9,
    table_version: '1',
  }
  const injection = { violation_type: 'prompt_injection', severity: 'critical' }
  expect(withPayload({ ...injection, matches: [match] }).ok).toBe(true)
  expect(withPayload(injection)).toMatchObject({ problem: { pointer: '/payload/matches' } })
  expect(withPayload({ ...injection, severity: 'high', matches: [match] })).toMatchObject({
    problem: { pointer: '/payload/severity' },
  })
  expect(withPayload({ matches: [match] })).toMatchObject({ problem: { pointer: '/payload/matches' } })
  expect(withPayload({ ...injection, matches: Array.from({ length: 17 }, () => match) }).ok).toBe(false)
})

test('a downgrade needs a reason (REC-018)', () => {
  const draft = draftOf('llm_exec_policy')
  const downgraded = { ...draft, payload: { ...draft.payload, downgraded: true } }
  expect(checkEvent(eventOf(downgraded))).toMatchObject({ problem: { pointer: '/payload/downgrade_reason' } })
  const reasoned = { ...downgraded, payload: { ...downgraded.payload, downgrade_reason: 'no kernel' } }
  expect(checkEvent(eventOf(reasoned)).ok).toBe(true)
})

test('text is one line of at most 512 code points, counted as code points', () => {
  const withReason = (reason: string) => {
    const draft = draftOf('micro_task_loop_cancelled')
    return checkEvent(eventOf({ ...draft, payload: { ...draft.payload, reason } })).ok
  }
  expect(withReason('\u{1F600}'.repeat(512))).toBe(true)
  expect(withReason('\u{1F600}'.repeat(513))).toBe(false)
  for (const separator of ['\n', '\r', '\u0085', '\u2028', '\u2029', '\0', '\ud800'])
    expect(withReason(`a${separator}b`)).toBe(false)
})

test('open strings can be rewritten and artifact references listed, wherever they are', () => {
  const draft = draftOf('call_intent')
  const hash = (digit: string) => digit.repeat(64)
  const payload = { ...draft.payload, request_manifest_ref: hash('b'), artifact_refs: [hash('c'), hash('d')] }
  const check = checkEvent(eventOf({ ...draft, payload }))
  if (!check.ok) throw new Error(check.problem.pointer)
  expect(artifactReferences(check.event)).toEqual([hash('b'), hash('c'), hash('d')])

  const seen: string[] = []
  rewriteOpenStrings(check.event, (text, kind) => {
    seen.push(kind)
    return `${text}!`
  })
  expect(check.event).toMatchObject({ job_id: 'a!', payload: { provider_id: 'a!', request_manifest_ref: hash('b') } })
  expect(seen).not.toContain('artifact')
})

test('an open schema cannot be catalogued', () => {
  for (const open of [z.unknown(), z.record(z.string(), z.string()), z.looseObject({}), z.object({}), z.json()]) {
    const schema = z.strictObject({ payload: z.strictObject({ extra: open }) })
    expect(() => findOpenFields(schema)).toThrow('/payload/extra')
  }
})

test('names without numbers resolve to ids, everything else stays as it is (REC-026)', () => {
  expect(resolveEventAlias('MT-HARD-GATE')).toBe('FR-EVT-MT-006')
  expect(resolveEventAlias('FR-EVT-LLM-INFERENCE')).toBe('FR-EVT-006')
  expect(resolveEventAlias('FR-EVT-MT-006')).toBe('FR-EVT-MT-006')
  const ids = EVENT_CATALOGUE.map(({ fr_event_id }) => fr_event_id)
  for (const alias of ['MT-LOOP-STARTED', 'MT-VALIDATION', 'MT-LORA-SELECTION', 'MT-SKIPPED']) {
    expect(ids).toContain(resolveEventAlias(alias))
  }
  expect(checkEvent(eventOf({ ...draftOf('llm_inference'), fr_event_id: 'FR-EVT-LLM-INFERENCE' })).ok).toBe(false)
})

test.each<[string, Json]>([
  ['null', null],
  ['a list', []],
  ['a string', CANARY],
])('%s is no event', (_, value) => {
  const check = checkEvent(value)
  expect(check).toMatchObject({ ok: false, problem: { reason: 'not_an_object' } })
  expect(JSON.stringify(check)).not.toContain(CANARY)
})
