import { equal, ok } from 'node:assert/strict'

import type { AnchorRequest, AnchorSink } from '@ctxlock/contracts/plugin'

import type { ConformanceCase } from './conformance-case.ts'

/** Where an anchor keeps what it is given: empty when it is made, and there for every anchor opened on it. */
export interface SinkPlace {
  open(): AnchorSink | Promise<AnchorSink>
  remove(): void | Promise<void>
}

export interface SinkTarget {
  /** A new, empty place for each case. */
  readonly place: () => SinkPlace | Promise<SinkPlace>
}

/** What every anchor must pass. `for (const { name, run } of sinkConformance(target)) test(name, run)`. */
export function sinkConformance(target: SinkTarget): readonly ConformanceCase[] {
  const at = (name: string, work: (open: () => Promise<AnchorSink>) => Promise<void>): ConformanceCase => ({
    name,
    run: async () => {
      const place = await target.place()
      const opened: AnchorSink[] = []
      try {
        await work(async () => {
          const sink = await place.open()
          opened.push(sink)
          return sink
        })
      } finally {
        for (const sink of opened) await sink.close()
        await place.remove()
      }
    },
  })
  return [
    at('empty: keeps nothing before it was given anything', async (open) => {
      equal(await (await open()).latest(), undefined)
    }),
    at('kept: what was anchored comes back byte for byte, from another instance too', async (open) => {
      const request = requestOf(300)
      await (await open()).anchor(request)
      equal(await (await open()).latest(), request.note)
    }),
    at('newest: the last of several comes back', async (open) => {
      const sink = await open()
      for (const size of [1, 256, 257, 70_000]) await sink.anchor(requestOf(size))
      equal(await sink.latest(), requestOf(70_000).note)
    }),
    at('twice: the same checkpoint again is fine', async (open) => {
      const sink = await open()
      await sink.anchor(requestOf(5))
      await sink.anchor(requestOf(5))
      equal(await sink.latest(), requestOf(5).note)
    }),
    at('whole: one that cannot be finished leaves the one before', async (open) => {
      const sink = await open()
      await sink.anchor(requestOf(5))
      const fails = () => {
        throw new Error('This log cannot be read.')
      }
      const kept = await sink.anchor({ ...requestOf(9), tiles: fails, consistencyProof: fails }).then(
        () => 9,
        () => 5,
      )
      equal(await (await open()).latest(), requestOf(kept).note)
    }),
    at('asked: tiles and proofs only of sizes the log had', async (open) => {
      const sink = await open()
      const asked: number[] = []
      for (const size of [3, 600]) await sink.anchor(requestOf(size, (earlier) => asked.push(earlier)))
      ok(
        asked.every((earlier) => [0, 3, 600].includes(earlier)),
        `expected only sizes that were anchored, got ${asked.join(', ')}`,
      )
    }),
  ]
}

/** A checkpoint in the right form; its signature is not for an anchor to judge. */
function requestOf(size: number, onAsked: (earlier: number) => void = () => {}): AnchorRequest {
  const root = size.toString(16).padStart(64, '0')
  const origin = 'ctxlock.local/conformance'
  const signature = Buffer.alloc(68, size % 251).toString('base64')
  return {
    origin,
    size,
    root,
    note: `${origin}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}\n\n— ${origin} ${signature}\n`,
    consistencyProof(earlier) {
      onAsked(earlier)
      return [root]
    },
    *tiles(earlier) {
      onAsked(earlier)
      const width = size % 256
      yield { path: `tile/0/000${size < 256 ? `.p/${width}` : ''}`, bytes: Buffer.alloc(32 * Math.min(size, 256), 1) }
    },
  }
}
