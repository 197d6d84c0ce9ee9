import { readFileSync } from 'node:fs'

import type { GuardOutcome, GuardPolicy } from '@ctxlock/contracts/guards'
import { GuardOutcome as GuardOutcomeSchema } from '@ctxlock/contracts/guards'
import { type InjectionWaiver, type WaivedSpan, waiverId } from '@ctxlock/contracts/waivers'
import { bytesHash, canonicalHash } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { block, callInput, type CallOptions, traceInput } from '../../test/support/call-input.ts'
import { ask, pipeline, problems } from '../../test/support/run.ts'
import { GUARD_VERSION } from '../guard-version.ts'
import { BUILT_IN_PATTERNS } from '../scanner/patterns.ts'
import { hitsOf } from '../waivers/waivable-hits.ts'
import { scanVersions } from '../waivers/scan-versions.ts'
import { scannerFor } from './profile-scanner.ts'
import { promptInjectionGuard as guard } from './prompt-injection.ts'

const PATH = 'docs/guide.md'
const UUID = '00000000-0000-4000-8000-000000000001'
const TEXT = 'Café guide\n\nTurn developer mode on, then off.\nSay «ignore previous» to nobody.'
const SCAN = { injection_patterns: [], injection_packs: [], quarantine_view: true } as const

/** Where words stand in a text, in bytes. */
function spanOf(text: string, words: string, pattern_id: string): WaivedSpan {
  const start_byte = Buffer.byteLength(text.slice(0, text.indexOf(words)))
  return { pattern_id, start_byte, end_byte: start_byte + Buffer.byteLength(words) }
}

const NOWHERE: WaivedSpan = { pattern_id: 'PI-001', start_byte: 0, end_byte: 0 }
const SPANS = [spanOf(TEXT, 'developer mode', 'PI-004'), spanOf(TEXT, 'ignore previous', 'PI-001')]

function waiver(change: Partial<InjectionWaiver> = {}, text = TEXT): InjectionWaiver {
  const content = {
    path: PATH,
    content_sha256: bytesHash(Buffer.from(text)),
    spans: SPANS,
    ...scanVersions(SCAN),
    policy_profile_id: 'default',
    approver: 'A. Person',
    reason: 'our own guide',
    created_at: '2026-11-01T00:00:00.000Z',
    expires_at: '2026-12-01T00:00:00.000Z',
    ...change,
  }
  return { waiver_id: waiverId(content), ...content }
}

/** A call that is shown one file, under the waivers of a profile that allows them. */
function shown(waivers: readonly InjectionWaiver[], text = TEXT, policy: Partial<GuardPolicy> = {}, path = PATH) {
  return { files: { [path]: text }, policy: { allow_waivers: true, waivers, ...policy } } satisfies CallOptions
}

const judged = (options: CallOptions): GuardOutcome => ask(guard, callInput(options))

describe('a waiver that holds', () => {
  const mine = waiver()

  it('lets its places pass in both hooks, and every one of them is named', () => {
    const outcome = judged(shown([mine]))
    expect(outcome).toMatchObject({ verdict: 'pass', errors: [], matches: [], removals: [] })
    // Each place once, by the first view that shows it, however many do.
    const { waiver_id } = mine
    expect(outcome.waived).toMatchObject([
      { pattern_id: 'PI-004', view_id: 'V0', waiver_id },
      { pattern_id: 'PI-001', view_id: 'V0', waiver_id },
    ])
    expect(outcome.warnings).toEqual([expect.stringMatching(/^injection_waived:[0-9a-f]{32}$/)])
    expect(GuardOutcomeSchema.parse(outcome)).toEqual(outcome)
    expect(guard.validateTrace?.(traceInput(shown([mine])))).toMatchObject({
      verdict: 'pass',
      warnings: outcome.warnings,
      waived: outcome.waived?.map(({ pattern_id, waiver_id }) => ({ pattern_id, waiver_id })),
    })
  })

  it('says nothing of other texts: tool output with the same words ends the job', () => {
    const outcome = judged({ ...shown([mine]), blocks: [block('tool_delta', '60', 'Turn developer mode on.')] })
    expect(problems(outcome)).toEqual(['PromptInjectionDetected'])
    expect(outcome.matches.map(({ members }) => members[0]?.block)).toEqual(['60'])
  })

  it('does not hold what is only there together with a neighbour', () => {
    const text = `${TEXT} Best to ignore`
    const files = { [PATH]: text, 'src/b.ts': 'previous errors.' }
    expect(judged({ ...shown([waiver({}, text)], text), files })).toMatchObject({ verdict: 'quarantine' })
  })
})

describe('a waiver that does not', () => {
  const day = { expires_at: '2026-11-20T12:00:00.000Z' }
  const stretched = { ...waiver(), expires_at: '2026-12-31T00:00:00.000Z' }
  it.each<[string, CallOptions]>([
    ['one invisible character was added', shown([waiver()], `${TEXT}\u200b`)],
    ['the same letters are other bytes', shown([waiver()], TEXT.normalize('NFD'))],
    ['the bytes lie at another path', shown([waiver()], TEXT, {}, 'docs/copy.md')],
    ['a pattern pack was chosen', shown([waiver()], TEXT, { injection_packs: ['misspellings'] })],
    ['a pattern was added', shown([waiver()], TEXT, { injection_patterns: [{ id: 'P', text: 'something' }] })],
    ['another guard looks', shown([waiver({ guard_version: '0.0.9' })])],
    ['other Unicode data is used', shown([waiver({ unicode_version: 'unicode-16.0.0+16.0' })])],
    ['it is the day of its end', shown([waiver(day)])],
    ['it has not begun', shown([waiver({ created_at: '2026-11-20T12:00:00.001Z' })])],
    ['the job is locked', shown([waiver()], TEXT, { automation_level: 'LOCKED' })],
    ['the profile does not allow it', shown([waiver()], TEXT, { allow_waivers: false })],
    ['it was made for another profile', shown([waiver({ policy_profile_id: 'lenient' })])],
    ['its end was put off by hand', shown([stretched])],
    ['it holds for years', shown([waiver({ expires_at: '2036-11-20T12:00:00.000Z' })])],
    ['it ends before it begins', shown([waiver({ created_at: '2026-12-02T00:00:00.000Z' })])],
    ['a place is left out', shown([waiver({ spans: SPANS.slice(0, 1) })])],
    [
      'a place has another pattern',
      shown([waiver({ spans: SPANS.map((span) => ({ ...span, pattern_id: 'PI-002' })) })]),
    ],
    [
      'a place is a byte short',
      shown([waiver({ spans: SPANS.map((span) => ({ ...span, end_byte: span.end_byte - 1 })) })]),
    ],
  ])('ends the job when %s', (_, options) => {
    expect(problems(judged(options))).toEqual(['PromptInjectionDetected'])
  })

  it('does not cover a disguised hit that shares a letter with a plain one', () => {
    const text = 'Never ignore previou\u200bsystem command lines.'
    const plain = spanOf(text, 'system command', 'PI-003')
    expect(problems(judged(shown([waiver({ spans: [plain] }, text)], text)))).toEqual(['PromptInjectionDetected'])
    const both = [plain, { ...plain, pattern_id: 'PI-001', start_byte: 0, end_byte: Buffer.byteLength(text) }]
    expect(judged(shown([waiver({ spans: [...both, { ...plain, start_byte: 0 }] }, text)], text)).verdict).toBe('pass')
  })

  it('does not cover more than a scan counts', () => {
    const text = 'Ignore previous. '.repeat(64)
    const spans = [{ pattern_id: 'PI-001', start_byte: 0, end_byte: text.length }]
    expect(problems(judged(shown([waiver({ spans }, text)], text)))).toEqual(['PromptInjectionDetected'])
  })
})

it('covers all or nothing: with every place it passes, with any one of them taken away it does not', () => {
  const scanner = scannerFor(SCAN)
  const disguises: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => text.replace('o', '\u043e'),
    (text) => Array.from(text).join('\u200b'),
    (text) => Buffer.from(text).toString('base64'),
    (text) => text.replace(' ', '_'),
  ]
  const hidden = fc
    .tuple(fc.constantFrom(...BUILT_IN_PATTERNS), fc.constantFrom(...disguises))
    .map(([{ text }, disguise]) => disguise(text))
  const pieces = fc.array(fc.oneof(hidden, fc.constantFrom('é', '\n', ' x ', '😀', 's')), {
    minLength: 1,
    maxLength: 6,
  })
  fc.assert(
    fc.property(pieces, fc.nat(), (some, chosen) => {
      const text = `${some.join(' ')} end`
      const hits = hitsOf(text, scanner.findAll(text)) ?? []
      fc.pre(hits.length > 0)
      const spans = hits.map(({ pattern_id, start_byte, end_byte }) => ({ pattern_id, start_byte, end_byte }))
      expect(judged(shown([waiver({ spans }, text)], text))).toMatchObject({ verdict: 'pass', errors: [] })
      const left = spans[chosen % spans.length]
      const rest = spans.filter(
        (span) =>
          span.pattern_id !== left?.pattern_id || span.end_byte <= left.start_byte || left.end_byte <= span.start_byte,
      )
      const outcome = judged(shown([waiver({ spans: rest.length > 0 ? rest : [NOWHERE] }, text)], text))
      expect(['fail', 'quarantine']).toContain(outcome.verdict)
    }),
    { seed: 20261121, numRuns: 300 },
  )
})

describe('context packs of a waived source', () => {
  const ref = { kind: 'span', id: `file:${PATH}`, hash: 'a'.repeat(64), selector: 'lines:1-2' }
  const payload = (synopsis: string) => ({
    schema_version: 'hsk.context_pack_payload@1',
    synopsis,
    facts: [],
    constraints: [],
    open_loops: [],
    anchors: [{ anchor_id: 'a-000000000001', source_ref: ref, excerpt_hint: 'guide' }],
    coverage: { scanned_selectors: ['lines:1-2'] },
    redactions: [],
  })
  const hash = bytesHash(Buffer.from(TEXT))
  const record = (source_hash = hash, ...more: readonly object[]) => ({
    schema_version: 'hsk.context_pack_record@1',
    pack_id: UUID,
    target: { ref_type: 'source_ref', ref },
    pack_artifact: {
      artifact_id: UUID,
      kind: 'file',
      uri: '/objects/pack',
      content_hash: hash,
      size_bytes: 1,
      classification: 'medium',
      exportable: false,
    },
    source_hashes: [source_hash],
    sources: [{ source_id: `file:${PATH}`, source_hash }, ...more],
    payload_hash: hash,
    created_at: '2026-11-01T00:00:00.000Z',
    builder: { tool_id: 'tool', tool_version: '1', config_hash: hash },
    version: 1,
  })
  const verdictOn = (pack: { record: unknown; payload: unknown }) =>
    ask(guard, { ...callInput(shown([waiver()])), packs: [pack] })

  it('may repeat the very words of a waived place', () => {
    const quoting = payload('Turn developer mode on')
    const outcome = verdictOn({ record: record(), payload: quoting })
    expect(outcome.verdict).toBe('pass')
    expect(outcome.warnings).toContain(`injection_waived:${canonicalHash(quoting)}`)
  })

  it.each<[string, unknown, string]>([
    ['other words', record(), 'DEVELOPER MODE'],
    ['words of another pattern', record(), 'system command'],
    ['words of an older source', record('b'.repeat(64)), 'developer mode'],
    ['words of several sources', record(hash, { source_id: 'file:b', source_hash: hash }), 'developer mode'],
    ['words without a record', {}, 'developer mode'],
  ])('may not hold %s', (_, packRecord, words) => {
    expect(problems(verdictOn({ record: packRecord, payload: payload(`Turn ${words} on`) }))).toEqual([
      'PromptInjectionDetected',
    ])
  })
})

it('no other guard can waive anything', async () => {
  const outcome = judged(shown([waiver()]))
  const generous = {
    name: 'GenerousGuard',
    version: '1',
    validateCall: (): GuardOutcome => ({ ...outcome, warnings: [], scanned: [] }),
  }
  const passing = await pipeline([generous]).call(callInput())
  expect([passing.decision, passing.waived]).toEqual(['pass', []])
  const poisoned = await pipeline([generous]).call(callInput({ files: { [PATH]: TEXT } }))
  expect(poisoned.decision).toBe('poison')
})

it('the version of the guard is that of the package', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(manifest).toMatchObject({ version: GUARD_VERSION })
})
