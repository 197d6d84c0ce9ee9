import { DatabaseSync } from 'node:sqlite'

import type { Embedder } from '@ctxlock/contracts/ports'
import { describe, expect, test } from 'vitest'

import { meaningEmbedder } from '../../test/support/meanings.ts'
import type { IndexedFile } from '../lexical/sync-index.ts'
import { syncVectors, type VectorInput } from './sync-vectors.ts'

const file = (path: string, text: string | undefined, version = 0): IndexedFile => ({
  path,
  hash: String(version).repeat(64),
  text,
})
const FILES = [file('a.md', 'a digest'), file('b.md', 'the train'), file('c.md', 'a parcel')]

function workspace() {
  const database = new DatabaseSync(':memory:')
  const meanings = meaningEmbedder()
  const sync = (input: Partial<VectorInput> = {}) =>
    syncVectors(database, { files: FILES, embedder: meanings.embedder, ...input })
  const paths = () => database.prepare('SELECT DISTINCT path FROM vector_chunk').all()
  return { database, sync, paths, ...meanings }
}

describe('syncVectors', () => {
  test('only texts without a vector are embedded; files that went are forgotten', async () => {
    const { sync, asked, paths } = workspace()
    expect(await sync()).toEqual({ embedded: 3, chunks: 3, modelChanged: false })
    const files = [file('a.md', 'a checksum', 1), file('c.md', 'a parcel')]
    expect(await sync({ files })).toEqual({ embedded: 1, chunks: 1, modelChanged: false })
    expect(await sync({ files })).toEqual({ embedded: 0, chunks: 0, modelChanged: false })
    expect(asked).toHaveLength(4)
    expect(paths()).toEqual([{ path: 'a.md' }, { path: 'c.md' }])
  })

  test('content decides: a file that came back needs no embedder, and neither does a binary one', async () => {
    const { sync, asked, embedder } = workspace()
    await sync()
    await sync({ files: [file('a.md', 'else', 1), file('x.bin', 'a\0b'), file('y.bin', undefined)] })
    await sync()
    expect(asked).toHaveLength(4)
    const unreachable = { ...embedder, revision: () => Promise.reject(new Error('unreachable')) }
    expect(await sync({ embedder: unreachable })).toMatchObject({ embedded: 0 })
  })

  test('nothing is asked of the embedder when only files went', async () => {
    const { sync, embedder, paths } = workspace()
    await sync()
    const unreachable = { ...embedder, revision: () => Promise.reject(new Error('unreachable')) }
    await sync({ files: FILES.slice(1), embedder: unreachable })
    expect(paths()).toHaveLength(2)
  })

  test.each<[string, (model: ReturnType<typeof workspace>['model']) => void]>([
    ['names another digest', (model) => (model.revision = 'rev-2')],
    ['no longer names one', (model) => (model.revision = undefined)],
    ['embeds otherwise under the same name', (model) => (model.turned = true)],
    ['has other dimensions', (model) => (model.dimensions = 2)],
  ])('when the model %s, every vector is made anew', async (_, change) => {
    const { sync, asked, model, database } = workspace()
    await sync()
    change(model)
    expect(await sync()).toEqual({ embedded: 0, chunks: 0, modelChanged: false })
    const files = [...FILES, file('d.md', 'new')]
    expect(await sync({ files })).toEqual({ embedded: 4, chunks: 4, modelChanged: true })
    expect(asked).toHaveLength(7)
    expect(database.prepare('SELECT count(DISTINCT length(vector)) AS sizes FROM vector_text').get()).toEqual({
      sizes: 1,
    })
    expect(await sync({ files })).toMatchObject({ embedded: 0, modelChanged: false })
  })

  test('a model that is exchanged between two batches is found before a vector of either is searched', async () => {
    const { sync, embedder, model, database, paths } = workspace()
    const many = Array.from({ length: 80 }, (_, index) => file(`${index}.md`, `text ${index}`))
    const exchanging: Embedder = {
      ...embedder,
      embed: (texts) => {
        if (texts.some((text) => text.includes('text 40'))) model.revision = 'rev-2'
        return embedder.embed(texts)
      },
    }
    await expect(sync({ files: many, embedder: exchanging })).rejects.toMatchObject({ code: 'EmbeddingInvalid' })
    expect(paths()).toEqual([])
    expect(database.prepare('SELECT count(*) AS kept FROM vector_text').get()).toEqual({ kept: 0 })
    expect(await sync({ files: many })).toMatchObject({ embedded: 80, chunks: 80 })
  })

  test('an interrupted run goes on where it stopped', async () => {
    const { sync, embedder, asked } = workspace()
    const many = Array.from({ length: 80 }, (_, index) => file(`${index}.md`, `text ${index}`))
    let left = 2
    const failing: Embedder = {
      ...embedder,
      embed: (texts) => {
        if (left === 0) return Promise.reject(new Error('gone'))
        left -= 1
        return embedder.embed(texts)
      },
    }
    await expect(sync({ files: many, embedder: failing })).rejects.toThrow('gone')
    expect(asked).toHaveLength(32)
    expect(await sync({ files: many })).toMatchObject({ embedded: 48, chunks: 80 })
  })

  test('what may not leave does not leave, nor is it searched', async () => {
    const { sync, asked, paths } = workspace()
    const redact = (source: string) => (text: string) =>
      source.includes('parcel') ? undefined : text.replace('digest', '[REDACTED]')
    await sync({ redact, queries: ['a digest', 'a parcel'] })
    expect(asked).toEqual(['a [REDACTED]', 'a.md\na [REDACTED]', 'b.md\nthe train'])
    expect(paths()).toEqual([{ path: 'a.md' }, { path: 'b.md' }])
  })

  test('questions and passages have their own prefix; the question is found by what was asked', async () => {
    const { sync, asked, embedder } = workspace()
    const prefixes = { query: 'query: ', passage: 'passage: ' }
    await sync({ files: FILES.slice(0, 1), queries: ['a hash'], prefixes, embedder: { ...embedder, id: 'prefixed' } })
    expect(asked).toEqual(['query: a hash', 'passage: a.md\na digest'])
    await sync({ files: FILES.slice(0, 1), queries: ['a hash'], prefixes, embedder: { ...embedder, id: 'prefixed' } })
    expect(asked).toHaveLength(2)
  })

  test.each<[string, readonly (readonly number[])[]]>([
    ['too few vectors', []],
    ['vectors of two lengths', [[1, 2], [1]]],
    [
      'a vector of zeros',
      [
        [0, 0],
        [0, 0],
      ],
    ],
    ['an empty vector', [[], []]],
    [
      'no number',
      [
        [Number.NaN, 1],
        [1, 1],
      ],
    ],
    [
      'infinity',
      [
        [Infinity, 1],
        [1, 1],
      ],
    ],
  ])('refuses %s', async (_, vectors) => {
    const { sync, embedder, database } = workspace()
    await sync({ files: [], queries: ['first'] })
    const broken: Embedder = {
      ...embedder,
      embed: async (texts) => (texts.length === 1 ? embedder.embed(texts) : vectors),
    }
    await expect(sync({ files: FILES.slice(0, 2), embedder: broken })).rejects.toMatchObject({
      code: 'EmbeddingInvalid',
    })
    expect(database.prepare('SELECT count(*) AS kept FROM vector_text').get()).toEqual({ kept: 1 })
  })
})
