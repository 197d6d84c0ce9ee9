import type { Difference } from './differences.ts'
import type { RecordedCall } from './recorded-call.ts'
import type { MissingSource } from './recorded-sources.ts'
import { replayCall, type ReplayedWork } from './replay-call.ts'
import type { ReplaySession } from './replay-session.ts'

/** What became of one request that a run made, when it was made again. */
export type ReplayedCall =
  | {
      readonly status: 'same'
      readonly callId: string
      readonly fields: number
      /** False where the bytes could not be made again: the provider's plugin gives no encoder. */
      readonly bytesCompared: boolean
    }
  | { readonly status: 'source_missing'; readonly callId: string; readonly missing: readonly MissingSource[] }
  | {
      readonly status: 'miss'
      readonly stepId: string
      readonly first: Difference | null
      readonly nearest: Nearest | null
      readonly problem?: string
    }

/** The recording that agrees with the request in the most fields. */
export interface Nearest {
  readonly callId: string
  readonly agreeing: number
  readonly fields: number
}

/** The recorded calls of a run, each given once: who asks the same twice gets the first recording first. */
export interface Tape {
  /** Makes the request of a step again against the next recording of that step. */
  play(stepId: string, work: ReplayedWork): Promise<ReplayedCall>
  /** Whether a recording of this step is left. */
  has(stepId: string): boolean
  /** Recordings that nothing asked for. */
  left(): readonly RecordedCall[]
}

export function openTape(session: ReplaySession, recordings: readonly RecordedCall[]): Tape {
  const left = [...recordings]
  const of = (stepId: string) => left.findIndex(({ call }) => call.step_id === stepId)

  async function nearestTo(
    work: ReplayedWork,
  ): Promise<{ readonly nearest: Nearest; readonly first: Difference | null } | null> {
    const compared = await Promise.all(
      recordings.map(async (recorded) => ({ recorded, replay: await replayCall(session, recorded, work) })),
    )
    const [best] = compared
      .flatMap(({ recorded, replay }) => (replay.status === 'replayed' ? [{ recorded, ...replay.comparison }] : []))
      .toSorted((left, right) => right.agreeing - left.agreeing)
    if (!best) return null
    const { recorded, agreeing, differences } = best
    const nearest = { callId: recorded.call.call_id, agreeing, fields: agreeing + differences.length }
    return { nearest, first: differences[0] ?? null }
  }

  return {
    async play(stepId, work) {
      const [recorded] = left.splice(of(stepId), of(stepId) === -1 ? 0 : 1)
      if (!recorded) {
        const found = await nearestTo(work)
        return { status: 'miss', stepId, first: found?.first ?? null, nearest: found?.nearest ?? null }
      }
      const replay = await replayCall(session, recorded, work)
      const { call_id: callId } = recorded.call
      if (replay.status === 'source_missing') return { status: 'source_missing', callId, missing: replay.missing }
      const { comparison, bytesCompared, problem } = replay
      const [first] = comparison.differences
      if (!first) return { status: 'same', callId, fields: comparison.agreeing, bytesCompared }
      const nearest = (await nearestTo(work))?.nearest ?? null
      return { status: 'miss', stepId, first, nearest, ...(problem !== undefined && { problem }) }
    },
    has: (stepId) => of(stepId) !== -1,
    left: () => left,
  }
}
