import { DatabaseSync } from 'node:sqlite'

import type { Embedder } from '@ctxlock/contracts/ports'
import { describe, expect, test } from 'vitest'

import { callOver } from '../../test/support/call.ts'
import { filesOf } from '../../test/support/folder.ts'
import { writeFile } from '../../test/support/workspace.ts'
import { retrieve } from '../retrieval/retrieve.ts'
import { cosine, quantise } from './quantised.ts'
import { syncVectors } from './sync-vectors.ts'
import { vectorRoute } from './vector-route.ts'

/** Knows three meanings, so that words which share no letter can be near each other. */
const MEANINGS = [/parcel|package|box/gi, /hash|checksum|digest/gi, /train|depot|rail/gi]

function meaningEmbedder(id = 'meanings@1') {
  const asked: string[] = []
  const embedder: Embedder = {
    id,
    async embed(texts) {
      asked.push(...texts)
      return texts.map((text) => MEANINGS.map((words) => 0.01 + (text.match(words)?.length ?? 0)))
    },
  }
  return { embedder, asked }
}

const FILES = { 'a.md': 'a digest of bytes\n', 'b.md': 'the train leaves the depot\n', 'c.md': 'a parcel\n' }

async function vectorCall(determinismMode: 'strict' | 'replay' = 'replay') {
  const call = callOver(FILES)
  const { embedder, asked } = meaningEmbedder()
  await syncVectors(call.database, { files: filesOf(call.root), embedder })
  const plan = { determinismMode, ...(determinismMode === 'strict' && { seed: 7 }) }
  const input = () => call.input({ query: 'checksum', routes: [vectorRoute(call.database, embedder)], plan })
  return { ...call, embedder, asked, input }
}

describe('vectorRoute', () => {
  test('finds by meaning what shares no word with the question, with a score in 0..1', async () => {
    const { input } = await vectorCall('strict')
    const { candidates, snippets } = await retrieve(input())
    expect(candidates[0]).toMatchObject({ store: 'shadow_ws_vector', ref: { id: 'file:a.md', selector: 'lines:1-1' } })
    expect(snippets[0]?.text).toContain('digest')
    for (const { scores } of candidates) expect(scores.vector).toBe(Number(scores.vector?.toFixed(6)))
  })

  test('the same question over the same state asks the embedder once', async () => {
    const { input, asked } = await vectorCall()
    const first = await retrieve(input())
    const before = asked.length
    const second = await retrieve(input())
    expect(asked).toHaveLength(before)
    expect(second.candidates).toEqual(first.candidates)
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
    database.exec(`UPDATE vector_chunk SET source_hash = '${'0'.repeat(64)}' WHERE path = 'a.md'`)
    expect((await retrieve(input())).trace.drift).toMatchObject([{ kind: 'source_changed', action: 'dropped' }])
  })

  test('in a strict call drift always fails (VAL-056)', async () => {
    const { input, root } = await vectorCall('strict')
    writeFile(root, 'a.md', 'something else\n')
    await expect(retrieve(input())).rejects.toMatchObject({ code: 'IndexDrift' })
  })

  test('another embedder shares no vector', async () => {
    const { database } = await vectorCall()
    const other = vectorRoute(database, meaningEmbedder('meanings@2').embedder)
    const call = callOver(FILES)
    expect((await retrieve(call.input({ query: 'checksum', routes: [other] }))).candidates).toEqual([])
  })
})

describe('syncVectors', () => {
  test('only texts without a vector are embedded; files that went are forgotten', async () => {
    const { database, embedder, asked, root } = await vectorCall()
    expect(asked).toHaveLength(3)
    writeFile(root, 'a.md', 'a checksum of a box\n')
    const files = filesOf(root).filter(({ path }) => path !== 'b.md')
    expect(await syncVectors(database, { files, embedder })).toEqual({ embedded: 1, chunks: 1 })
    expect(await syncVectors(database, { files, embedder })).toEqual({ embedded: 0, chunks: 0 })
    expect(database.prepare('SELECT DISTINCT path FROM vector_chunk').all()).toEqual([
      { path: 'a.md' },
      { path: 'c.md' },
    ])
  })

  test.each([
    ['too few vectors', []],
    ['a vector of zeros', [[0, 0]]],
    ['an empty vector', [[]]],
    ['no number', [[Number.NaN, 1]]],
    ['infinity', [[Infinity, 1]]],
  ])('refuses %s', async (_, vectors) => {
    const embedder: Embedder = { id: 'broken', embed: async () => vectors }
    const files = [{ path: 'a.md', hash: '0'.repeat(64), text: 'a' }]
    await expect(syncVectors(new DatabaseSync(':memory:'), { files, embedder })).rejects.toMatchObject({
      code: 'InvalidInput',
    })
  })
})

describe('quantised vectors', () => {
  test('compare as the vectors do, within a hundredth, and do not care how long a vector is', () => {
    const left = Array.from({ length: 64 }, (_, index) => Math.sin(index))
    const right = Array.from({ length: 64 }, (_, index) => Math.sin(index + 0.4))
    const exact = left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0)
    const norms = Math.hypot(...left) * Math.hypot(...right)
    expect(cosine(quantise(left), quantise(right))).toBeCloseTo(exact / norms, 2)
    expect(quantise(left.map((value) => value * 4))).toEqual(quantise(left))
    expect(cosine(quantise(left), quantise(left))).toBe(1)
  })
})
