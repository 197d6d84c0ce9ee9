import { DatabaseSync } from 'node:sqlite'

import { idsHash } from '@ctxlock/contracts/retrieval'
import { describe, expect, test } from 'vitest'

import { callOver } from '../../test/support/call.ts'
import { filesOf } from '../../test/support/folder.ts'
import { meaningEmbedder } from '../../test/support/meanings.ts'
import { writeFile } from '../../test/support/workspace.ts'
import { candidateCache } from '../cache/candidate-cache.ts'
import { replayRetrieval } from '../retrieval/replay-retrieval.ts'
import { retrieve } from '../retrieval/retrieve.ts'
import { syncVectors } from './sync-vectors.ts'
import { vectorRoute } from './vector-route.ts'

const FILES = { 'a.md': 'a digest of bytes\n', 'b.md': 'the train leaves the depot\n', 'c.md': 'a parcel\n' }

async function vectorCall(determinismMode: 'strict' | 'replay' = 'replay') {
  const call = callOver(FILES)
  const { embedder, asked, model } = meaningEmbedder()
  const sync = (...queries: string[]) =>
    syncVectors(call.database, { files: filesOf(call.root), queries: ['checksum', ...queries], embedder })
  await sync()
  const plan = { determinismMode, ...(determinismMode === 'strict' && { seed: 7 }) }
  const route = vectorRoute(call.database, { embedderId: embedder.id })
  return { ...call, asked, model, sync, input: (query = 'checksum') => call.input({ query, routes: [route], plan }) }
}

describe('vectorRoute', () => {
  test('finds by meaning what shares no word with the question, with a score in 0..1', async () => {
    const { input } = await vectorCall('strict')
    const { candidates, snippets, trace } = await retrieve(input())
    expect(candidates[0]).toMatchObject({ store: 'shadow_ws_vector', ref: { id: 'file:a.md', selector: 'lines:1-1' } })
    expect(snippets[0]?.text).toContain('digest')
    for (const { scores } of candidates) expect(scores.vector).toBe(Number(scores.vector?.toFixed(6)))
    expect(trace.route_taken[0]?.reason).toBe('passages of similar meaning; meanings@1 rev-1')
  })

  test('searching asks the embedder nothing, and the same state has the same answer', async () => {
    const { input, asked, sync } = await vectorCall('strict')
    const before = asked.length
    const first = await retrieve(input())
    await sync()
    expect((await retrieve(input())).candidates).toEqual(first.candidates)
    expect(asked).toHaveLength(before)
  })

  test('a recorded call is repeated from its list, though the model and its vectors are gone (ACE-016)', async () => {
    const { input, database } = await vectorCall()
    const recorded = await retrieve(input())
    database.exec('DELETE FROM vector_text')
    const { plan, ...ports } = input()
    if (!plan) throw new Error('a plan was made')
    const ids = recorded.candidates.map(({ candidate_id }) => candidate_id)
    const replay = replayRetrieval({
      ...ports,
      plan,
      trace: recorded.trace,
      candidateList: recorded.candidateList,
      recorded: { ids_hash: idsHash(ids), count: ids.length },
    })
    expect(replay.snippets).toEqual(recorded.snippets)
  })

  test('two workspaces with the same files have the same candidates, whatever was embedded first', async () => {
    const { embedder } = meaningEmbedder()
    const candidates = await Promise.all(
      [FILES, Object.fromEntries(Object.entries(FILES).toReversed())].map(async (files, turn) => {
        const call = callOver(files)
        const listed = filesOf(call.root)
        if (turn === 1) {
          for (const file of listed.toReversed()) await syncVectors(call.database, { files: [file], embedder })
        }
        await syncVectors(call.database, { files: listed, queries: ['checksum'], embedder })
        const routes = [vectorRoute(call.database, { embedderId: embedder.id })]
        const plan = { determinismMode: 'strict' as const, seed: 7 }
        return (await retrieve(call.input({ query: 'checksum', routes, plan }))).candidates
      }),
    )
    expect(candidates[1]).toEqual(candidates[0])
  })

  test('equal scores go by id', async () => {
    const call = callOver({ 'z.md': 'hash\n', 'a.md': 'hash \n', 'm.md': 'hash  \n' })
    const { embedder } = meaningEmbedder()
    await syncVectors(call.database, { files: filesOf(call.root), queries: ['hash'], embedder })
    const { candidates } = await retrieve(
      call.input({ query: 'hash', routes: [vectorRoute(call.database, { embedderId: embedder.id })] }),
    )
    expect(candidates.map(({ ref }) => ref.id)).toEqual(['file:a.md', 'file:m.md', 'file:z.md'])
  })

  test('a question that was not embedded is a failure of the route, never a search for something else', async () => {
    const { input } = await vectorCall()
    const { candidates, trace } = await retrieve(input('depot'))
    expect(candidates).toEqual([])
    expect(trace.errors).toEqual(Array.from({ length: 2 }, () => 'route_failed:shadow_ws_vector:InvalidInput'))
  })

  test('a file that changed after it was embedded is dropped, with a drift entry (T-ACE-RAG-006, ACE-061)', async () => {
    const { input, root } = await vectorCall()
    writeFile(root, 'a.md', 'something else\n')
    const { candidates, snippets, trace } = await retrieve(input())
    const drifted = candidates[0]?.candidate_id
    expect(snippets.map(({ span }) => span.ref.id)).not.toContain('file:a.md')
    expect(trace.drift).toEqual([{ kind: 'source_changed', candidate_id: drifted, action: 'dropped' }])
    expect(trace.warnings).toContain(`index_drift:embedding:${drifted}`)
  })

  test('a record whose source hash was corrupted is drift as well', async () => {
    const { input, database } = await vectorCall()
    database.exec(`UPDATE vector_file SET source_hash = '${'0'.repeat(64)}' WHERE path = 'a.md'`)
    expect((await retrieve(input())).trace.drift).toMatchObject([{ kind: 'source_changed', action: 'dropped' }])
  })

  test('in a strict call drift always fails (VAL-056)', async () => {
    const { input, root } = await vectorCall('strict')
    writeFile(root, 'a.md', 'something else\n')
    await expect(retrieve(input())).rejects.toMatchObject({ code: 'IndexDrift' })
  })

  test('a damaged vector is left out, the others are found', async () => {
    const { input, database } = await vectorCall()
    database.exec(
      "UPDATE vector_text SET vector = x'0000' WHERE text_hash = (SELECT text_hash FROM vector_chunk WHERE path = 'b.md')",
    )
    expect((await retrieve(input())).candidates.map(({ ref }) => ref.id)).toEqual(['file:a.md', 'file:c.md'])
  })

  test('a cached answer is not used again once another model made the vectors', async () => {
    const { input, model, sync } = await vectorCall()
    const cache = candidateCache()
    const hit = async () => (await retrieve({ ...input(), cache })).trace.route_taken[0]?.cache_hit
    expect([await hit(), await hit()]).toEqual([false, true])
    model.revision = 'rev-2'
    await sync('a question nobody asked before')
    expect(await hit()).toBe(false)
  })

  test('another embedder shares no vector', async () => {
    const { database } = await vectorCall()
    const call = callOver(FILES)
    const { trace } = await retrieve(
      call.input({ query: 'checksum', routes: [vectorRoute(database, { embedderId: 'meanings@2' })] }),
    )
    expect(trace.candidates).toEqual([])
  })

  test('looks at files the call accepts only, and at two windows of each', async () => {
    const database = new DatabaseSync(':memory:')
    const { embedder } = meaningEmbedder()
    const text = Array.from({ length: 200 }, (_, line) => `hash ${line}\n`).join('')
    const files = ['a', 'b'].map((path) => ({ path, hash: path.repeat(64), text }))
    await syncVectors(database, { files, queries: ['hash'], embedder })
    const route = vectorRoute(database, { embedderId: embedder.id, accepts: (path) => path === 'b' })
    const { hits } = await route.search({
      text: 'hash',
      originalText: 'hash',
      limit: 9,
      perSource: 2,
      filters: { allow_external_fetch: false, trust_min: 'low' },
      scopePaths: [],
      takeToolCall: () => true,
    })
    expect(hits.map(({ ref }) => ref.id)).toEqual(['file:b', 'file:b'])
  })
})
