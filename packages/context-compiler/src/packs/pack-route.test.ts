import { retrievalTraceHash, RetrievalTrace } from '@ctxlock/contracts/retrieval'
import { describe, expect, test } from 'vitest'

import { callOver } from '../../test/support/call.ts'
import { checkAgainst, freshnessRecord, packOf } from '../../test/support/packs.ts'
import { writeFile } from '../../test/support/workspace.ts'
import { lexicalRoute } from '../lexical/lexical-route.ts'
import { retrieve } from '../retrieval/retrieve.ts'
import type { RetrievalRoute } from '../retrieval/route.ts'
import { packRoute, type PackCheck } from './pack-route.ts'

const source = `${Array.from({ length: 60 }, (_, index) => `const filler${index} = ${index}`).join('\n')}
/** Computes the checksum of a box. */
export function computeChecksum(bytes) {
  return sha256(bytes)
}
`
const files = { 'src/checksum.ts': source, 'docs/checksum.md': 'About the checksum.\n' }
const pack = packOf('src/checksum.ts', Buffer.from(source), [
  { start: 1, end: 60, hint: 'constants' },
  { start: 61, end: 64, hint: 'computeChecksum: computes the checksum of a box' },
])

function packedCall(makeCheck?: (check: PackCheck) => PackCheck, outcome?: Parameters<typeof checkAgainst>[2]) {
  const call = callOver(files)
  return {
    ...call,
    input(options: Parameters<typeof call.input>[0] = {}) {
      const plain = call.input()
      const check = checkAgainst(plain.reader, [pack], outcome)
      const routes = [
        packRoute({ database: call.database, check: makeCheck?.(check) ?? check }),
        lexicalRoute(call.database),
      ]
      return call.input({ routes, ...options })
    },
  }
}

describe('packRoute', () => {
  test('a fresh pack scores 1.0, comes first and is read from its anchor', async () => {
    const retrieval = await retrieve(packedCall().input({ query: 'How is a checksum computed?' }))
    const [first] = retrieval.candidates
    expect(first).toMatchObject({ store: 'context_packs', scores: { pack: 1 }, ref: { selector: 'lines:61-64' } })
    expect(first?.base_score).toBeGreaterThan(1)
    expect(retrieval.snippets[0]?.text).toBe(source.split('\n').slice(60, 64).join('\n'))
    expect(retrieval.trace.context_pack_freshness).toHaveLength(1)
    expect(retrieval.trace.warnings).toEqual([])
    expect(RetrievalTrace.parse(retrieval.trace)).toEqual(retrieval.trace)
  })

  test('one byte more and the pack is out; the byte gone and it is back (T-ACE-RAG-004)', async () => {
    const call = packedCall()
    const before = await retrieve(call.input())
    writeFile(call.root, 'src/checksum.ts', `${source} `)
    const stale = await retrieve(call.input())
    expect(stale.candidates.filter(({ store, scores }) => store === 'context_packs' || scores.pack)).toEqual([])
    expect(stale.snippets.map(({ span }) => span.ref.id)).toEqual(['file:docs/checksum.md'])
    expect(stale.trace.context_pack_freshness[0]).toMatchObject({
      outcome: 'fallback',
      context_pack_stale_reason: 'hash_mismatch',
    })
    expect(stale.trace.warnings).toContain('context_pack_stale:fallback')
    expect(stale.trace.truncation_flags).toEqual(['no_evidence:file:src/checksum.ts'])
    expect(stale.degraded).toBe(false)
    writeFile(call.root, 'src/checksum.ts', source)
    expect(retrievalTraceHash((await retrieve(call.input())).trace)).toBe(retrievalTraceHash(before.trace))
  })

  test('a named file whose pack is stale is read all the same (FG-028)', async () => {
    const call = packedCall()
    writeFile(call.root, 'src/checksum.ts', 'export const checksum = 1\n')
    const retrieval = await retrieve(call.input({ paths: ['src/checksum.ts'] }))
    expect(retrieval.snippets[0]?.text).toBe('export const checksum = 1')
    expect(retrieval.trace.warnings).toContain('context_pack_stale:fallback')
    expect(retrieval.trace.truncation_flags).toEqual([])
  })

  test('the pack of a named file is examined although the query matches nothing', async () => {
    const retrieval = await retrieve(packedCall().input({ query: 'zeppelin', paths: ['src/checksum.ts'] }))
    expect(retrieval.trace.context_pack_freshness).toHaveLength(1)
    expect(retrieval.candidates[0]).toMatchObject({ store: 'context_packs', scores: { pack: 1, lexical: 1 } })
  })

  test('a record that says fail ends the call (FG-023)', async () => {
    const call = packedCall(undefined, 'fail')
    writeFile(call.root, 'src/checksum.ts', 'checksum\n')
    await expect(retrieve(call.input())).rejects.toMatchObject({
      code: 'ContextPackStale',
      details: { freshness: [expect.objectContaining({ decision_row: 'D27' })] },
    })
  })

  test('a degraded call says so, with the tokens and the hint', async () => {
    const call = packedCall(undefined, 'degrade_and_fallback')
    writeFile(call.root, 'src/checksum.ts', 'checksum\n')
    const retrieval = await retrieve(call.input())
    expect(retrieval.degraded).toBe(true)
    expect(retrieval.trace.warnings).toEqual(
      expect.arrayContaining([
        'context_pack_stale:degrade_and_fallback',
        'context_pack_policy:fallback_upgraded',
        'recovery_hint:refresh_context_pack:["source_ref","span","file:src/checksum.ts",null,null]',
      ]),
    )
  })

  test('a rebuilt pack is used and recorded; the rebuild takes a tool call, if there is one (FG-017)', async () => {
    const taken: boolean[] = []
    const rebuilding: PackCheck = (path, { takeToolCall }) => {
      if (path !== 'src/checksum.ts') return undefined
      taken.push(takeToolCall())
      return { freshness: freshnessRecord(pack, 'use_regenerated', 'hash_mismatch', null), pack }
    }
    const retrieval = await retrieve(packedCall(() => rebuilding).input())
    expect(retrieval.candidates[0]?.store).toBe('context_packs')
    expect(retrieval.trace.warnings).toEqual(['context_pack_stale:regenerated'])
    expect(retrieval.trace.route_taken[0]).toMatchObject({ store: 'context_packs', tool_calls: 2 })
    await retrieve(packedCall(() => rebuilding).input({ plan: { budgets: { max_tool_calls: 1 } } }))
    expect(taken).toEqual([true, false])
  })

  test('files outside the accepted ones are not looked at, unless the task names them', async () => {
    const checked: string[] = []
    const call = callOver(files)
    const check: PackCheck = (path) => {
      checked.push(path)
      return undefined
    }
    const route = packRoute({ database: call.database, check, accepts: (path) => path.startsWith('docs/') })
    await retrieve(call.input({ routes: [route] }))
    expect(checked).toEqual(['docs/checksum.md'])
    await retrieve(call.input({ routes: [route], paths: ['src/checksum.ts'] }))
    expect(checked.slice(1)).toEqual(['src/checksum.ts', 'docs/checksum.md'])
  })

  test('a pack does not lift a weak match above a good one', async () => {
    const answer = 'The checksum of a box is a SHA-256 checksum over the bytes of the box. Checksum, box, bytes.\n'
    const call = callOver({ ...files, 'answer.md': answer })
    const { reader } = call.input()
    const weak = packOf('src/checksum.ts', Buffer.from(source), [{ start: 1, end: 60, hint: 'constants' }])
    const routes = [
      packRoute({ database: call.database, check: checkAgainst(reader, [weak]) }),
      lexicalRoute(call.database),
    ]
    const retrieval = await retrieve(call.input({ query: 'SHA-256 checksum over the bytes of a box', routes }))
    expect(retrieval.snippets[0]?.span.ref.id).toBe('file:answer.md')
  })

  test('an anchor that does not fit is narrowed to where the query words stand', async () => {
    const long = `# Notes\n${'filler line of words\n'.repeat(200)}the checksum of a box\n`
    const call = callOver({ 'long.md': long })
    const one = packOf('long.md', Buffer.from(long), [{ start: 1, end: 202, hint: 'Notes' }])
    const routes = [packRoute({ database: call.database, check: checkAgainst(call.input().reader, [one]) })]
    const retrieval = await retrieve(call.input({ query: 'checksum box', routes }))
    expect(retrieval.candidates[0]).toMatchObject({ store: 'context_packs', ref: { selector: 'lines:1-202' } })
    expect(retrieval.snippets[0]?.text).toContain('the checksum of a box')
    expect(retrieval.snippets[0]?.span.truncated).toBe(true)
  })

  test('its cache key is logged and never hits: packs are judged at every call', async () => {
    const call = packedCall()
    const [one, two] = [await retrieve(call.input()), await retrieve(call.input())]
    expect(one.trace.route_taken[0]).toMatchObject({
      cache_hit: false,
      cache_key_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(two.trace.route_taken[0]).toEqual(one.trace.route_taken[0])
    writeFile(call.root, 'src/checksum.ts', 'checksum\n')
    expect((await retrieve(call.input())).trace.route_taken[0]?.cache_hit).toBe(false)
  })

  test.each<[string, (check: PackCheck) => PackCheck]>([
    [
      'claims a pack the record does not speak of',
      (check) => async (path, budget) => {
        const checked = await check(path, budget)
        return (
          checked && { ...checked, freshness: { ...checked.freshness, effective_pack_payload_hash: 'f'.repeat(64) } }
        )
      },
    ],
    [
      'hands out a stale pack',
      () => (path) =>
        path === 'src/checksum.ts'
          ? { freshness: freshnessRecord(pack, 'fallback', 'hash_mismatch', null), pack }
          : undefined,
    ],
    [
      'hands out an invalid pack',
      () => (path) =>
        path === 'src/checksum.ts'
          ? { freshness: freshnessRecord(pack, 'fallback', 'payload_hash_mismatch', null), pack }
          : undefined,
    ],
  ])('a check that %s brings no pack candidate (FG-020)', async (_, change) => {
    const retrieval = await retrieve(packedCall(change).input())
    expect(retrieval.candidates.map(({ store }) => store)).not.toContain('context_packs')
    expect(retrieval.trace.context_pack_freshness).toHaveLength(1)
  })

  test.each([
    ['no record', undefined, pack.record.payload_hash],
    ['a record of another pack', freshnessRecord(pack, 'use_pack', null, null), 'f'.repeat(64)],
    ['a hit that names no pack', freshnessRecord(pack, 'use_pack', null, null), undefined],
    ['a record that says fallback', freshnessRecord(pack, 'fallback', 'hash_mismatch', null), pack.record.payload_hash],
    [
      'a record that says fallback and names the pack all the same',
      freshnessRecord(pack, 'fallback', 'hash_mismatch', null, {
        effective_pack_payload_hash: pack.record.payload_hash,
      }),
      pack.record.payload_hash,
    ],
  ])('another pack store that answers with %s brings nothing (FG-020)', async (_, record, packPayloadHash) => {
    const call = callOver(files)
    const [anchor] = pack.payload.anchors
    if (!anchor) throw new Error('the pack has an anchor')
    const hit = { ref: anchor.source_ref, scores: { pack: 1 }, ...(packPayloadHash && { packPayloadHash }) }
    const route: RetrievalRoute = {
      store: 'context_packs',
      deterministic: true,
      version: '1',
      search: () => ({ hits: [hit], ...(record && { freshness: [record] }) }),
    }
    expect((await retrieve(call.input({ routes: [route] }))).candidates).toEqual([])
  })

  test('an invalid pack is named so in the warnings (FG-009)', async () => {
    const invalid: PackCheck = () => ({ freshness: freshnessRecord(pack, 'fallback', 'payload_hash_mismatch', null) })
    const retrieval = await retrieve(packedCall(() => invalid).input())
    expect(retrieval.trace.warnings).toContain('context_pack_invalid:payload_hash_mismatch')
  })

  test('a pack speaks of its own file only', async () => {
    const straying = structuredClone(pack)
    for (const anchor of straying.payload.anchors) anchor.source_ref.id = 'file:docs/checksum.md'
    const lying: PackCheck = (path) =>
      path === 'src/checksum.ts'
        ? { freshness: freshnessRecord(pack, 'use_pack', null, null), pack: straying }
        : undefined
    const retrieval = await retrieve(packedCall(() => lying).input())
    expect(retrieval.candidates.map(({ store }) => store)).not.toContain('context_packs')
  })

  test('an anchor of another version is not evidence', async () => {
    const foreign = packOf('docs/checksum.md', Buffer.from('old checksum text\n'), [
      { start: 1, end: 1, hint: 'checksum' },
    ])
    const lying: PackCheck = (path) =>
      path === 'docs/checksum.md'
        ? { freshness: freshnessRecord(foreign, 'use_pack', null, null), pack: foreign }
        : undefined
    const retrieval = await retrieve(packedCall(() => lying).input())
    // The check is believed, the bytes are not: the span is read again and does not hash to what the anchor says.
    expect(retrieval.snippets.filter(({ span }) => span.ref.hash === foreign.record.sources[0]?.source_hash)).toEqual(
      [],
    )
    expect(retrieval.trace.drift).toEqual([expect.objectContaining({ kind: 'source_changed', action: 'dropped' })])
  })
})
