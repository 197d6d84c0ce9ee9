import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { selectText } from '@ctxlock/contracts/evidence'
import { fileSourceId } from '@ctxlock/contracts/references'
import { CandidateList, idsHash, retrievalTraceHash, RetrievalTrace } from '@ctxlock/contracts/retrieval'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import { bytesHash, textHash } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { block } from '../../test/support/blocks.ts'
import { callOver, linesOfTokens } from '../../test/support/call.ts'
import { countingStamps } from '../../test/support/ports.ts'
import { files, fixedRoute, hitOf, sources } from '../../test/support/retrievals.ts'
import { writeFile } from '../../test/support/workspace.ts'
import { compileEnvelope } from '../envelope/compile-envelope.ts'
import { snippetBlocks } from '../envelope/snippet-blocks.ts'
import { lexicalRoute } from '../lexical/lexical-route.ts'
import { retrieve } from './retrieve.ts'
import type { RetrievalRoute } from './route.ts'

describe('retrieve', () => {
  test('finds evidence, quotes it verbatim and says where it stands', async () => {
    const call = callOver(files)
    const input = call.input({ query: 'How is the checksum of a box computed?' })
    const retrieval = await retrieve(input)
    expect(RetrievalTrace.parse(retrieval.trace)).toEqual(retrieval.trace)
    expect(CandidateList.parse(retrieval.candidateList)).toEqual(retrieval.candidateList)
    expect(sources(retrieval)).toEqual(['file:src/checksum.ts', 'file:docs/boxes.md'])
    expect(retrieval.snippets.map(({ span }) => span)).toEqual(retrieval.trace.spans)
    for (const { span, text } of retrieval.snippets) {
      expect(text).toBe(selectText(files[span.ref.id.slice(5) as keyof typeof files], span.selector))
      expect(span).toMatchObject({
        content_hash: textHash(text),
        token_estimate: codePointsPerFour.count(text),
        truncated: false,
      })
    }
    expect(retrieval.trace.budgets_applied).toEqual(input.plan?.budgets)
    expect(retrieval.trace.selected.map(({ final_rank }) => final_rank)).toEqual([1, 2])
    expect(retrieval.trace.route_taken.map(({ store, tool_calls }) => [store, tool_calls])).toEqual([
      ['shadow_ws_lexical', 1],
      ['bounded_read_only', 2],
    ])
  })

  test('without a plan nothing is looked for (ACE-018)', async () => {
    const input = callOver(files).input()
    await expect(retrieve({ ...input, plan: undefined })).rejects.toMatchObject({ code: 'QueryPlanRequired' })
  })

  test('nothing found is a warning, not an error (ACE-040)', async () => {
    const retrieval = await retrieve(callOver(files).input({ query: 'zeppelin' }))
    expect(retrieval.snippets).toEqual([])
    expect(retrieval.trace.warnings).toEqual(['no_candidates'])
  })

  test('ids and times stay outside the hash of the trace', async () => {
    const call = callOver(files)
    const [one, two] = [await retrieve(call.input()), await retrieve({ ...call.input(), stamps: countingStamps(300) })]
    expect(one.trace.trace_id).not.toBe(two.trace.trace_id)
    expect(retrievalTraceHash(one.trace)).toBe(retrievalTraceHash(two.trace))
  })

  test('equal text is quoted once, overlapping ranges too (ACE-046)', async () => {
    const text = 'one\ntwo\nthree\nfour\n'
    const call = callOver({ 'a.md': text, 'b.md': '  One\r\nTWO ', 'c.md': 'five\n' })
    const route = fixedRoute([
      hitOf('a.md', text, 0.9, 'lines:1-2'),
      hitOf('a.md', text, 0.8, 'lines:2-3'),
      hitOf('b.md', '  One\r\nTWO ', 0.7, 'lines:1-2'),
      hitOf('c.md', 'five\n', 0.6),
    ])
    const retrieval = await retrieve(call.input({ routes: [route] }))
    expect(sources(retrieval)).toEqual(['file:a.md', 'file:c.md'])
    expect(retrieval.decisions.map(({ reason }) => reason.replace(/[0-9a-f]{12,}/, 'ID'))).toEqual([
      'holds 0 of 1 query terms',
      'overlaps:s-ID',
      'same_text_as:ID',
      'holds 0 of 1 query terms',
    ])
  })

  test('every candidate has a recorded reason, taken or not', async () => {
    const retrieval = await retrieve(callOver(files).input({ plan: { budgets: { max_snippets_total: 1 } } }))
    expect(retrieval.decisions.map(({ included, reason }) => [included, reason])).toEqual([
      [true, 'holds 1 of 1 query terms'],
      [false, 'max_snippets_total'],
    ])
  })
})

describe('determinism (T-ACE-RAG-002)', () => {
  test('fifty runs with the store results shuffled give one order, one selection, one hash', async () => {
    const call = callOver(files)
    const names = Object.keys(files)
    const hits = names.map((path) => hitOf(path, files[path as keyof typeof files], 0.5, 'lines:1-2'))
    const outcomes = new Set<string>()
    for (let run = 0; run < 50; run += 1) {
      const shuffled = hits.map((_, index) => hits[(index * 2 + run) % hits.length]).filter((hit) => hit !== undefined)
      const turned = run % 2 === 0 ? shuffled : shuffled.toReversed()
      const retrieval = await retrieve(
        call.input({ routes: [fixedRoute(turned)], plan: { determinismMode: 'strict' } }),
      )
      expect(sources(retrieval)).toEqual(names.map(fileSourceId).toSorted())
      const tiebreaks = retrieval.candidates.map(({ tiebreak }) => tiebreak)
      expect(tiebreaks).toEqual(tiebreaks.toSorted())
      const suffix = snippetBlocks(retrieval.snippets, { orderPrefix: '50', sensitivity: 'low', projection: 'full' })
      const envelope = compileEnvelope({
        prefix: [block('rules', '10', 'Be exact.')],
        suffix,
        budgets: { total: 4000, prefix: 1000, suffix: 3000 },
        counter: codePointsPerFour,
      })
      const ids_hash = idsHash(retrieval.candidates.map(({ candidate_id }) => candidate_id))
      outcomes.add([retrievalTraceHash(retrieval.trace), ids_hash, envelope.full_prompt_hash].join())
    }
    expect(outcomes.size).toBe(1)
  })
})

describe('budgets (T-ACE-RAG-005)', () => {
  // 10 windows of 400 tokens in one file, 30 files with one window each.
  const big = linesOfTokens(400, 10, 'checksum')
  const many = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`f${index}.md`, linesOfTokens(40, 10, `checksum f${index}`)]),
  )

  test('totals and caps hold, every cut span is flagged itself, two runs cut at the same place', async () => {
    const call = callOver({ 'big.md': big, ...many })
    const retrieval = await retrieve(call.input())
    const { spans, truncation_flags } = retrieval.trace
    expect(spans.reduce((sum, span) => sum + span.token_estimate, 0)).toBeLessThanOrEqual(1200)
    expect(spans.length).toBeLessThanOrEqual(6)
    for (const id of new Set(sources(retrieval))) {
      expect(sources(retrieval).filter((one) => one === id).length).toBeLessThanOrEqual(2)
    }
    expect(spans.length).toBeGreaterThan(3)
    for (const span of spans) {
      expect(span.token_estimate).toBeLessThanOrEqual(250)
      expect(span.truncated).toBe(true)
      expect(truncation_flags).toContain(`span_truncated:${span.span_id}`)
    }
    expect((await retrieve(call.input())).trace.spans).toEqual(spans)
  })

  test('a span that fits is not flagged', async () => {
    const retrieval = await retrieve(callOver({ 'big.md': big, 'small.md': 'checksum\n' }).input())
    const small = retrieval.trace.spans.find(({ ref }) => ref.id === 'file:small.md')
    expect(small?.truncated).toBe(false)
    expect(retrieval.trace.truncation_flags).not.toContain(`span_truncated:${small?.span_id}`)
  })

  test('the candidate list is capped', async () => {
    const retrieval = await retrieve(
      callOver({ 'big.md': big, ...many }).input({ plan: { budgets: { max_candidates_total: 7 } } }),
    )
    expect(retrieval.trace.candidates.length).toBeLessThanOrEqual(7)
  })

  test('searches and opened files stay within max_tool_calls', async () => {
    const retrieval = await retrieve(
      callOver({ 'big.md': big, ...many }).input({ plan: { budgets: { max_tool_calls: 3 } } }),
    )
    const calls = retrieval.trace.route_taken.reduce((sum, step) => sum + step.tool_calls, 0)
    expect(calls).toBe(3)
    expect(retrieval.decisions.map(({ reason }) => reason)).toContain('max_tool_calls')
  })

  test('whatever the budgets, none is exceeded', async () => {
    const call = callOver({ 'big.md': big, ...many })
    const broken = fixedRoute([], {
      search() {
        throw new Error('down')
      },
    })
    const small = fc.integer({ min: 1, max: 9 })
    const budgets = fc.record({
      max_total_evidence_tokens: fc.integer({ min: 1, max: 900 }),
      max_read_tokens: fc.integer({ min: 1, max: 300 }),
      max_snippets_total: small,
      max_snippets_per_source: small,
      max_tool_calls: small,
      max_candidates_total: fc.integer({ min: 3, max: 30 }),
    })
    const paths = fc.uniqueArray(fc.constantFrom('big.md', 'gone.md', ...Object.keys(many)), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(budgets, paths, async (limits, named) => {
        const routes = [lexicalRoute(call.database), broken]
        const { trace } = await retrieve(call.input({ routes, paths: named, plan: { budgets: limits } }))
        const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
        const sourceIds = trace.spans.map(({ ref }) => ref.id)
        expect(sum(trace.route_taken.map(({ tool_calls }) => tool_calls))).toBeLessThanOrEqual(limits.max_tool_calls)
        expect(sum(trace.spans.map(({ token_estimate }) => token_estimate))).toBeLessThanOrEqual(
          limits.max_total_evidence_tokens,
        )
        expect(Math.max(0, ...trace.spans.map(({ token_estimate }) => token_estimate))).toBeLessThanOrEqual(
          limits.max_read_tokens,
        )
        expect(trace.spans.length).toBeLessThanOrEqual(limits.max_snippets_total)
        expect(trace.candidates.length).toBeLessThanOrEqual(limits.max_candidates_total)
        for (const id of sourceIds) {
          expect(sourceIds.filter((one) => one === id).length).toBeLessThanOrEqual(limits.max_snippets_per_source)
        }
      }),
      { seed: 20261120, numRuns: 60 },
    )
  })
})

describe('drift: content decides', () => {
  test('a file that changed after indexing is dropped and recorded', async () => {
    const call = callOver(files)
    writeFile(call.root, 'src/checksum.ts', `${files['src/checksum.ts']} `)
    rmSync(join(call.root, 'docs/boxes.md'))
    const retrieval = await retrieve(call.input())
    expect(retrieval.snippets).toEqual([])
    const drift = retrieval.trace.drift.map(({ kind, action }) => `${kind} ${action}`)
    expect(drift.toSorted()).toEqual(['source_changed dropped', 'source_missing dropped'])
    for (const { candidate_id } of retrieval.trace.drift) {
      expect(retrieval.trace.warnings).toContain(`index_drift:lexical:${candidate_id}`)
    }
    expect(retrieval.trace.warnings).toContain('recovery_hint:reindex:file:src/checksum.ts')
    expect(retrieval.decisions.every(({ included }) => !included)).toBe(true)
  })

  test('touching a file without changing it drops nothing', async () => {
    const call = callOver(files)
    writeFile(call.root, 'src/checksum.ts', files['src/checksum.ts'])
    expect((await retrieve(call.input())).trace.drift).toEqual([])
  })

  test('a strict call fails instead: its result would no longer be the promised one', async () => {
    const call = callOver(files)
    writeFile(call.root, 'src/checksum.ts', 'checksum\n')
    const strict = call.input({ plan: { determinismMode: 'strict' } })
    await expect(retrieve(strict)).rejects.toMatchObject({
      code: 'IndexDrift',
      details: { source_id: 'file:src/checksum.ts' },
    })
  })
})

describe('files the task names (FG-028)', () => {
  test('are read first, whatever the query and the index say', async () => {
    const retrieval = await retrieve(callOver(files).input({ query: 'checksum of a box', paths: ['src/depot.ts'] }))
    expect(sources(retrieval)[0]).toBe('file:src/depot.ts')
    expect(retrieval.trace.selected[0]?.why).toMatch(/^named by the task/)
  })

  test('are read as they are now, although the index knows an older version', async () => {
    const call = callOver(files)
    writeFile(call.root, 'src/depot.ts', 'export const checksum = 1\n')
    const retrieval = await retrieve(call.input({ paths: ['src/depot.ts'] }))
    const span = retrieval.trace.spans[0]
    expect(span?.ref).toMatchObject({
      id: 'file:src/depot.ts',
      hash: bytesHash(Buffer.from('export const checksum = 1\n')),
    })
  })

  test('show the window with most query words, else their head', async () => {
    const long = `${linesOfTokens(100, 3, 'filler')}the checksum\n`
    const call = callOver({ 'long.md': long })
    const plan = { budgets: { max_snippets_per_source: 1 } }
    const found = await retrieve(call.input({ query: 'checksum', paths: ['long.md'], plan, routes: [] }))
    expect(found.snippets[0]?.text).toContain('the checksum')
    const head = await retrieve(call.input({ query: 'zeppelin', paths: ['long.md'], plan, routes: [] }))
    expect(head.trace.spans[0]?.start).toBe(1)
  })

  test('share the tokens evenly in the order of the task, and pass unused shares on (MT-022)', async () => {
    const long = linesOfTokens(100, 10, 'word')
    const call = callOver({ 'a.md': long, 'b.md': 'short\n', 'c.md': long, 'd.md': linesOfTokens(90, 10, 'other') })
    const plan = { budgets: { max_total_evidence_tokens: 400, max_read_tokens: 400, max_snippets_per_source: 1 } }
    const retrieval = await retrieve(
      call.input({ query: 'nothing matches', paths: ['a.md', 'b.md', 'c.md', 'd.md'], plan }),
    )
    expect(sources(retrieval)).toEqual(['file:a.md', 'file:b.md', 'file:c.md', 'file:d.md'])
    const tokens = retrieval.trace.spans.map(({ token_estimate }) => token_estimate)
    expect(tokens[0]).toBeLessThanOrEqual(100)
    expect(tokens[2]).toBeGreaterThan(110)
    expect(tokens[3]).toBeGreaterThan(110)
  })

  test('a missing one is flagged, and fails the call when bounded reads are required (FG-029)', async () => {
    const call = callOver(files)
    const retrieval = await retrieve(call.input({ paths: ['src/gone.ts'] }))
    expect(retrieval.trace.truncation_flags).toEqual(['no_evidence:file:src/gone.ts'])
    const required = call.input({ paths: ['src/gone.ts'], plan: { required: ['bounded_read_only'] } })
    await expect(retrieve(required)).rejects.toMatchObject({ code: 'RequiredRouteFailed' })
  })

  test.each(['../outside.ts', '/etc/passwd', 'a/../../b'])('%s brings nothing', async (path) => {
    const retrieval = await retrieve(callOver(files).input({ query: 'nothing here', paths: [path] }))
    expect(retrieval.snippets).toEqual([])
    expect(retrieval.trace.truncation_flags).toEqual([`no_evidence:file:${path}`])
  })
})

describe('removal by a guard (VAL-007)', () => {
  test('the next best takes the place, the removal is recorded, nothing is searched again', async () => {
    const call = callOver(files)
    let searches = 0
    const lexical = lexicalRoute(call.database)
    const counting: RetrievalRoute = {
      ...lexical,
      search: (query) => ((searches += 1) > 0 ? lexical.search(query) : { hits: [] }),
    }
    const retrieval = await retrieve(call.input({ routes: [counting], plan: { budgets: { max_snippets_total: 1 } } }))
    const [first] = retrieval.snippets
    const warning = `injection_suspected:${first?.candidate_id}`
    const candidate_id = first?.candidate_id ?? ''
    const place = { candidate_id, content_hash: textHash(first?.text ?? ''), start_byte: 0, end_byte: 4 }
    const hit = { ...place, pattern_id: 'PI-001', view_id: 'V3' }
    const rest = retrieval.without([{ id: candidate_id, reason: 'injection_suspected' }], [warning], [hit])
    expect([retrieval.trace.hits, rest.trace.hits]).toEqual([undefined, [hit]])
    expect([retrieval.degraded, rest.degraded]).toEqual([false, true])
    expect(searches).toBe(1)
    expect(rest.snippets).toHaveLength(1)
    expect(sources(rest)).not.toEqual(sources(retrieval))
    expect(rest.trace.drift).toEqual([
      { kind: 'injection_suspected', candidate_id: first?.candidate_id, action: 'removed' },
    ])
    expect(rest.trace.warnings).toContain(warning)
    expect(rest.trace.candidates).toEqual(retrieval.trace.candidates)
    expect(RetrievalTrace.parse(rest.trace)).toEqual(rest.trace)
    const none = rest.without([{ id: rest.snippets[0]?.candidate_id ?? '', reason: 'index_drift' }], [])
    expect(none.snippets).toEqual([])
    expect(none.trace.drift).toHaveLength(2)
  })
})
