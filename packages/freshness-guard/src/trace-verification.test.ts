import { describe, expect, it } from 'vitest'

import type { ContextPackFreshnessRecord, FreshnessTrace } from '@ctxlock/contracts/freshness'
import type { ContextPackRecord } from '@ctxlock/contracts/packs'
import { canonicalReferenceId, type SourceRef } from '@ctxlock/contracts/references'
import type { RetrievalCandidate } from '@ctxlock/contracts/retrieval'

import { createWorkspace, options, rules } from './__fixtures__/workspace.ts'
import { checkPacks, type FreshnessRules } from './check.ts'
import { summarise } from './summary.ts'
import { freshnessViolations, verifyTrace, type TraceReads } from './trace-verification.ts'

const FILES = { a: 'one\n', b: 'two\n' }
const IN_FORCE = rules()
const REQUIRED_DEGRADE = { regen_required: true, stale_handling: 'degrade_and_fallback' } as const

/** An honest call over two packs, the second of which is stale, and the trace of it. */
async function honestCall(inForce: FreshnessRules = rules(), rebuilds = false, packs = [['a'], ['b']]) {
  const workspace = createWorkspace(FILES)
  const records = packs.map((paths) => workspace.pack(paths))
  workspace.write('b', 'changed\n')
  const stored = [...records]
  const regenerate = () => {
    const built = workspace.pack(['b'])
    stored.push(built)
    return built
  }
  const checked = await checkPacks(
    records.map((record) => ({ record })),
    inForce,
    workspace.reads,
    options(rebuilds ? { regenerate } : {}),
  )
  const usable = checked.flatMap(({ pack }) => (pack ? [pack.record] : []))
  const freshness = checked.map((pack) => pack.freshness)
  const trace: FreshnessTrace = {
    candidates: stored.map((record) => packCandidate(record, usable.includes(record) || isIn(usable, record) ? 1 : 0)),
    selected: usable.map((record, index) => selected(packCandidate(record, 1), index)),
    spans: usable.map((record) => span(packCandidate(record, 1))),
    context_pack_freshness: freshness,
    warnings: [...summarise(freshness, inForce).warnings],
  }
  const reads: TraceReads = {
    ...workspace.reads,
    findPack: (hash) => stored.find((record) => record.payload_hash === hash),
  }
  return { workspace, records, stored, trace, reads, inForce, [Symbol.dispose]: () => workspace[Symbol.dispose]() }
}

type Call = Awaited<ReturnType<typeof honestCall>>

function codes(call: Call, changes: Partial<FreshnessTrace>, reads: Partial<TraceReads> = {}) {
  return freshnessViolations({ ...call.trace, ...changes }, call.inForce, { ...call.reads, ...reads }).map(
    ({ code }) => code,
  )
}

describe('an honest trace passes (FG-040)', () => {
  it('with one fresh pack used and one stale pack left out', async () => {
    using call = await honestCall()
    expect(verifyTrace(call.trace, call.inForce, call.reads)).toEqual({ verdict: 'pass', violations: [] })
  })

  it('with a rebuilt pack used in the place of the stale one', async () => {
    using call = await honestCall(rules(), true)
    expect(call.trace.selected.length).toBe(2)
    expect(verifyTrace(call.trace, call.inForce, call.reads)).toEqual({ verdict: 'pass', violations: [] })
  })

  it('without packs at all', async () => {
    using call = await honestCall()
    const trace = { candidates: [], selected: [], spans: [], context_pack_freshness: [], warnings: [] }
    expect(verifyTrace(trace, call.inForce, call.reads).verdict).toBe('pass')
  })

  it('with candidates that quote lines of a packed file by SourceRef (CP-023)', async () => {
    using call = await honestCall()
    const candidates = [fileCandidate('a', 'context_packs', 1), fileCandidate('b', 'shadow_ws_lexical', 0)]
    const trace = { ...call.trace, candidates, selected: candidates.map(selected), spans: candidates.map(span) }
    expect(verifyTrace(trace, call.inForce, call.reads).violations).toEqual([])
  })

  it('with a span that quotes the artifact of one of several fresh packs', async () => {
    using call = await honestCall(rules(), true)
    const lexical = fileCandidate('a', 'shadow_ws_lexical', 0)
    const ref = artifactRef(call.records[0]?.payload_hash)
    const candidates = [...call.trace.candidates, lexical]
    const trace = { ...call.trace, candidates, spans: [{ ...span(lexical), ref }] }
    expect(verifyTrace(trace, call.inForce, call.reads).violations).toEqual([])
  })

  it('is marked degraded when a required rebuild was not performed (FG-041)', async () => {
    using call = await honestCall(rules(REQUIRED_DEGRADE))
    expect(verifyTrace(call.trace, call.inForce, call.reads)).toEqual({ verdict: 'degrade', violations: [] })
  })

  it('is rejected when the policy says fail (FG-023)', async () => {
    using call = await honestCall(rules({ regen_required: true, stale_handling: 'fail' }))
    expect(verifyTrace(call.trace, call.inForce, call.reads)).toMatchObject({
      verdict: 'fail',
      violations: [{ code: 'call_must_fail', decision_row: 'D27', reason: 'hash_mismatch' }],
    })
  })
})

describe('T-X-FG-07 a trace that claims more than it may is rejected', () => {
  it('a pack score of 1 without a fresh record', async () => {
    using call = await honestCall()
    const lifted = call.trace.candidates.map((candidate) => ({ ...candidate, scores: { pack: 1 } }))
    expect(codes(call, { candidates: lifted })).toEqual(['score_without_fresh_record'])
    const lexical = fileCandidate('b', 'shadow_ws_lexical', 1)
    expect(codes(call, { candidates: [...call.trace.candidates, lexical] })).toEqual(['score_without_fresh_record'])
    const half = fileCandidate('unknown', 'shadow_ws_lexical', 0.5)
    expect(codes(call, { candidates: [...call.trace.candidates, half] })).toEqual(['score_without_fresh_record'])
  })

  it('a missing record', async () => {
    using call = await honestCall()
    const records = call.trace.context_pack_freshness
    expect(codes(call, { context_pack_freshness: records.slice(0, 1) })).toEqual(['record_missing'])
    expect(codes(call, { context_pack_freshness: [] })).toEqual([
      'record_missing',
      'score_without_fresh_record',
      'record_missing',
      'stale_pack_used',
      'stale_pack_used',
    ])
  })

  it('a wrong outcome, row or flag', async () => {
    using call = await honestCall()
    expect(codes(call, withRecord(call, 1, { outcome: 'degrade_and_fallback' }))).toContain('decision_wrong')
    expect(codes(call, withRecord(call, 1, { decision_row: 'D08' }))).toContain('decision_wrong')
    expect(codes(call, withRecord(call, 1, { context_pack_regen_attempted: true }))).toContain('decision_wrong')
  })

  it('a stale pack called fresh: the sources are hashed again, not the claim believed (VAL-006)', async () => {
    using call = await honestCall()
    const record = call.records[1]
    const claim: Partial<ContextPackFreshnessRecord> = {
      context_pack_stale_detected: false,
      context_pack_stale_reason: null,
      stale_sources: [],
      outcome: 'use_pack',
      decision_row: 'D00',
      effective_pack_payload_hash: record?.payload_hash ?? null,
    }
    const changed = withRecord(call, 1, claim)
    const candidates = call.trace.candidates.map((candidate) => ({ ...candidate, scores: { pack: 1 } }))
    const use = { candidates, selected: candidates.map(selected), spans: [] }
    expect(freshnessViolations({ ...call.trace, ...changed, ...use }, call.inForce, call.reads)).toEqual([
      { code: 'pack_not_fresh', pack_id: record?.pack_id, decision_row: 'D00', reason: 'hash_mismatch' },
      { code: 'score_without_fresh_record', candidate_id: candidates[1]?.candidate_id },
      {
        code: 'stale_pack_used',
        candidate_id: candidates[1]?.candidate_id,
        pack_id: record?.pack_id,
        decision_row: 'D00',
      },
    ])
  })

  it('a fresh pack whose source changed after the last check', async () => {
    using call = await honestCall()
    call.workspace.write('a', 'changed after assembly\n')
    expect(codes(call, {})).toEqual([
      'pack_not_fresh',
      'score_without_fresh_record',
      'stale_pack_used',
      'stale_pack_used',
    ])
  })

  it('a tampered payload', async () => {
    using call = await honestCall()
    call.workspace.payloads.set(call.records[0]?.payload_hash ?? '', Buffer.from('{}'))
    const [first] = freshnessViolations(call.trace, call.inForce, call.reads)
    expect(first).toMatchObject({ code: 'pack_not_fresh', reason: 'payload_hash_mismatch' })
  })

  it.each(['selected', 'spans'] as const)('a stale pack among %s', async (where) => {
    using call = await honestCall()
    const stale = packCandidate(call.records[1] ?? expect.unreachable(), 0)
    const item = where === 'selected' ? { selected: [selected(stale, 5)] } : { spans: [span(stale)] }
    expect(codes(call, item)).toEqual(['stale_pack_used'])
  })

  it('a stale pack smuggled in by its artifact through another store', async () => {
    using call = await honestCall()
    const lexical = fileCandidate('a', 'shadow_ws_lexical', 0)
    const ref = artifactRef(call.records[1]?.payload_hash)
    const candidates = [...call.trace.candidates, lexical]
    expect(codes(call, { candidates, spans: [{ ...span(lexical), ref }] })).toEqual(['stale_pack_used'])
    const artifact = { ...lexical, ref, candidate_id: 'f'.repeat(32) }
    expect(codes(call, { candidates: [...candidates, artifact], selected: [selected(artifact, 2)] })).toEqual([
      'stale_pack_used',
    ])
  })

  it('a stale pack quoted by its artifact, named with its record, also when it is in no store any more', async () => {
    using call = await honestCall()
    const stale = call.records[1] ?? expect.unreachable()
    const lexical = fileCandidate('a', 'shadow_ws_lexical', 0)
    const quoting = { ...span(lexical), ref: artifactRef(stale.payload_hash) }
    const trace = { ...call.trace, candidates: [...call.trace.candidates, lexical], spans: [quoting] }
    const findPack = (hash: string) => (hash === stale.payload_hash ? undefined : call.reads.findPack(hash))
    for (const reads of [call.reads, { ...call.reads, findPack }]) {
      expect(freshnessViolations(trace, call.inForce, reads)).toEqual([
        {
          code: 'stale_pack_used',
          candidate_id: lexical.candidate_id,
          pack_id: stale.pack_id,
          decision_row: call.trace.context_pack_freshness[1]?.decision_row,
          reason: 'hash_mismatch',
        },
      ])
    }
  })

  it('a file of which one pack is fresh and another stale', async () => {
    using call = await honestCall(rules(), false, [['a'], ['a', 'b']])
    const candidate = fileCandidate('a', 'shadow_ws_lexical', 1)
    expect(codes(call, { candidates: [...call.trace.candidates, candidate] })).toEqual(['score_without_fresh_record'])
  })

  it('a candidate of the pack store, or of the artifact of a pack, that nobody examined', async () => {
    using call = await honestCall()
    const unexamined = call.workspace.pack(['a', 'b'])
    call.stored.push(unexamined)
    const ofFile = fileCandidate('unknown', 'context_packs', 0)
    const ofArtifact = { ...fileCandidate('a', 'shadow_ws_lexical', 0), ref: artifactRef(unexamined.payload_hash) }
    for (const candidate of [ofFile, ofArtifact]) {
      expect(codes(call, { candidates: [...call.trace.candidates, candidate] })).toEqual(['record_missing'])
    }
  })

  it('the old pack selected after it was rebuilt', async () => {
    using call = await honestCall(rules(), true)
    const old = packCandidate(call.records[1] ?? expect.unreachable(), 0)
    expect(codes(call, { selected: [selected(old, 3)] })).toEqual(['stale_pack_used'])
    const lifted = call.trace.candidates.map((candidate) => ({ ...candidate, scores: { pack: 1 } }))
    expect(codes(call, { candidates: lifted })).toEqual(['score_without_fresh_record'])
  })

  it('a pack nobody examined, offered as an artifact of another store', async () => {
    using call = await honestCall()
    const unexamined = call.workspace.pack(['a', 'b'])
    call.stored.push(unexamined)
    const candidate = { ...packCandidate(unexamined, 0), store: 'knowledge_graph' as const }
    expect(codes(call, { candidates: [...call.trace.candidates, candidate] })).toEqual(['record_missing'])
    const ref = artifactRef(unexamined.payload_hash)
    const [quoted] = call.trace.spans
    expect(codes(call, { spans: quoted ? [{ ...quoted, ref }] : [] })).toEqual(['stale_pack_used'])
  })

  it('a stale pack that shares its candidate id with a harmless candidate', async () => {
    using call = await honestCall()
    const stale = call.trace.candidates[1] ?? expect.unreachable()
    const harmless = { ...fileCandidate('a', 'shadow_ws_lexical', 0), candidate_id: stale.candidate_id }
    const candidates = [...call.trace.candidates, harmless]
    expect(codes(call, { candidates, selected: [selected(harmless, 1)] })).toEqual(['stale_pack_used'])
  })

  it('evidence of a candidate that does not exist', async () => {
    using call = await honestCall()
    const ghost = fileCandidate('b', 'shadow_ws_lexical', 0)
    expect(codes(call, { selected: [selected(ghost, 1)] })).toEqual(['candidate_unknown'])
  })

  it.each(['context_pack_stale:fallback'])('a trace that does not say %s', async (token) => {
    using call = await honestCall()
    expect(freshnessViolations({ ...call.trace, warnings: [] }, call.inForce, call.reads)).toEqual([
      { code: 'token_missing', token },
    ])
  })

  it('a degraded trace without its recovery hint', async () => {
    using call = await honestCall(rules(REQUIRED_DEGRADE))
    const warnings = call.trace.warnings.filter((token) => !token.startsWith('recovery_hint'))
    expect(codes(call, { warnings })).toEqual(['token_missing'])
  })

  it.each<[string, FreshnessRules]>([
    ['another policy on rebuilding', { ...IN_FORCE, policy: { ...IN_FORCE.policy, regen_allowed: false } }],
    ['that no rebuild was required', { ...IN_FORCE, policy: { ...IN_FORCE.policy, regen_required: true } }],
    ['another handling of stale packs', { ...IN_FORCE, policy: { ...IN_FORCE.policy, stale_handling: 'fail' } }],
    ['that a rebuild was allowed', { ...IN_FORCE, regeneration: { ...IN_FORCE.regeneration, allowed: false } }],
    ['that nothing denied it', { ...IN_FORCE, regeneration: { ...IN_FORCE.regeneration, deniedBy: 'capability' } }],
  ])('records that state %s, against the rules in force (FG-006)', async (_, inForce) => {
    using call = await honestCall()
    const [fresh, stale] = call.records.map(({ pack_id }) => pack_id)
    expect(freshnessViolations(call.trace, inForce, call.reads).slice(0, 2)).toEqual([
      { code: 'policy_mismatch', pack_id: fresh, decision_row: 'D00' },
      { code: 'policy_mismatch', pack_id: stale, decision_row: expect.any(String), reason: 'hash_mismatch' },
    ])
  })

  it('a pack that cannot be found, or is not the recorded one', async () => {
    using call = await honestCall()
    const used = ['score_without_fresh_record', 'stale_pack_used', 'stale_pack_used']
    for (const nothing of [undefined, null]) {
      expect(codes(call, {}, { findPack: () => nothing })).toEqual(['pack_unavailable', ...used])
    }
    const other = call.workspace.pack(['a'])
    expect(codes(call, {}, { findPack: () => other })).toEqual(['pack_unavailable', ...used])
    expect(codes(call, {}, { findPack: () => call.workspace.pack(['b']) })).toEqual(['pack_not_fresh', ...used])
  })

  it('a fresh pack in the place of the one that was rebuilt', async () => {
    using call = await honestCall(rules(), true)
    const rebuilt = call.stored[2]?.payload_hash
    const another = call.workspace.pack(['b', 'a'])
    const findPack = (hash: string) => (hash === rebuilt ? another : call.reads.findPack(hash))
    expect(codes(call, {}, { findPack })[0]).toBe('pack_unavailable')
  })

  it('malformed and repeated records', async () => {
    using call = await honestCall()
    const [first, second] = call.trace.context_pack_freshness
    const malformed = withRecord(call, 1, { decision_row: 'D31' })
    expect(codes(call, malformed)).toEqual(['record_malformed'])
    const twice = [first, second, second].filter((record) => record !== undefined)
    expect(codes(call, { context_pack_freshness: twice })).toEqual(['record_repeated'])
    expect(codes(call, withRecord(call, 1, { target: 'no canonical id' }))).toEqual([])
  })

  it('an entity pack whose source set grew', async () => {
    using call = await honestCall()
    const currentSourceSet = () => ['file:a', 'file:new']
    const [first] = freshnessViolations(call.trace, call.inForce, { ...call.reads, currentSourceSet })
    expect(first).toMatchObject({ code: 'pack_not_fresh', reason: 'source_set_changed' })
  })
})

function withRecord(call: Call, index: number, changes: Partial<ContextPackFreshnessRecord>) {
  const records = call.trace.context_pack_freshness
  return { context_pack_freshness: records.map((record, at) => (at === index ? { ...record, ...changes } : record)) }
}

function isIn(records: readonly ContextPackRecord[], record: ContextPackRecord): boolean {
  return records.some(({ payload_hash }) => payload_hash === record.payload_hash)
}

function packCandidate(record: ContextPackRecord, pack: number): RetrievalCandidate {
  const ref = record.pack_artifact
  return {
    kind: 'artifact_handle',
    ref,
    candidate_id: ref.content_hash.slice(0, 32),
    store: 'context_packs',
    scores: { pack },
    base_score: pack,
    tiebreak: canonicalReferenceId({ kind: 'artifact_handle', ref }),
    trust_class: 'high',
    fetch_depth: 'snippet',
  }
}

function fileCandidate(path: string, store: RetrievalCandidate['store'], pack: number) {
  const ref: SourceRef = { kind: 'span', id: `file:${path}`, hash: 'd'.repeat(64), selector: 'lines:1-1' }
  return {
    kind: 'source_ref' as const,
    ref,
    candidate_id: Buffer.from(path + store)
      .toString('hex')
      .padEnd(32, '0')
      .slice(0, 32),
    store,
    scores: { pack },
    base_score: pack,
    tiebreak: canonicalReferenceId({ kind: 'source_ref', ref }),
    trust_class: 'high' as const,
    fetch_depth: 'snippet' as const,
  }
}

function artifactRef(hash = ''): SourceRef {
  return { kind: 'artifact', id: 'some-artifact', hash, selector: 'lines:1-1' }
}

function refOf(candidate: RetrievalCandidate): SourceRef {
  if (candidate.kind === 'source_ref') return candidate.ref
  return { kind: 'span', id: 'file:a', selector: 'lines:1-1' }
}

function selected(candidate: RetrievalCandidate, index: number): FreshnessTrace['selected'][number] {
  return {
    candidate_id: candidate.candidate_id,
    ref: refOf(candidate),
    final_rank: index + 1,
    final_score: 1,
    why: 'pack',
  }
}

function span(candidate: RetrievalCandidate): FreshnessTrace['spans'][number] {
  return {
    span_id: `span-${candidate.candidate_id}`,
    candidate_id: candidate.candidate_id,
    ref: refOf(candidate),
    selector: 'lines:1-1',
    start: 1,
    end: 1,
    token_estimate: 1,
    content_hash: 'e'.repeat(64),
    truncated: false,
    fetch_depth: 'snippet',
  }
}
