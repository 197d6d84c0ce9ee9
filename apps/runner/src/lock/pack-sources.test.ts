import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import type { Derivation, KnownSource } from '../packs/derivation.ts'
import { openSession, type Session } from '../session/session.ts'
import { packSources } from './pack-sources.ts'

const root = mkdtempSync(join(tmpdir(), 'ctxlock-pack-sources-'))
afterAll(() => rmSync(root, { recursive: true }))

const ids = { runId: crypto.randomUUID(), sessionId: crypto.randomUUID() }
const sources = Array.from({ length: 1000 }, (_, index) => ({ path: `f-${index}`, hash: '0'.repeat(64), size: 1 }))

/** A session whose payloads are derived by `derive`, and whether it was told to stop. */
async function packWith(derive: Derivation['derive'], given = sources) {
  const session = await openSession({ root, variables: {} })
  let closed = false
  const close = () => Promise.resolve(void (closed = true))
  const replaced: Session = { ...session, openDerivation: () => ({ derive, close }) }
  try {
    const lines = await packSources(replaced, ids, given, () => {})
    return { lines, closed }
  } catch (error) {
    return { error, closed }
  } finally {
    await session.close()
  }
}

const unreadable = (batch: readonly KnownSource[]) =>
  batch.map(({ path }) => ({ status: 'not_packed', path, reason: 'unreadable' }) as const)

describe('payloads that are derived elsewhere', () => {
  test('come back in the order of the sources, whichever batch is ready first', async () => {
    let asked = 0
    const { lines } = await packWith(async (batch) => {
      asked += 1
      await new Promise((resolve) => setTimeout(resolve, asked % 2 === 0 ? 1 : 5))
      return unreadable(batch)
    })
    expect(lines?.map(({ path }) => path)).toEqual(sources.map(({ path }) => path))
  })

  test('of large files come in small batches', async () => {
    const sizes: number[] = []
    const large = sources.slice(0, 100).map((source) => ({ ...source, size: 100_000 }))
    const { lines } = await packWith((batch) => {
      sizes.push(batch.length)
      return Promise.resolve(unreadable(batch))
    }, large)
    expect(lines).toHaveLength(100)
    expect(Math.max(...sizes)).toBe(6)
  })

  test('that fail are one error, whatever the batches behind it do', async () => {
    let asked = 0
    const { error, closed } = await packWith(() => {
      asked += 1
      return Promise.reject(new Error(`batch ${asked}`))
    })
    expect(error).toEqual(new Error('batch 1'))
    expect(closed).toBe(true)
  })

  test('that are of other files than asked for are refused', async () => {
    const { error, closed } = await packWith((batch) => Promise.resolve(unreadable(batch.toReversed())))
    expect(error).toEqual(new Error('Expected one answer for each source, in order.'))
    expect(closed).toBe(true)
  })
})
