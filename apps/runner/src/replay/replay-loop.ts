import type { FlightEvent } from '@ctxlock/contracts/events'
import { CallResult, GateAnswer, SwapResult, Verdict, type ModelReply } from '@ctxlock/contracts/micro-task-iteration'
import { canonicalHash, textHash, type JsonValue } from '@ctxlock/core-hash'
import { identityOfStep, type StoredRun } from '@ctxlock/durable-engine'
import { runLoop, type IterationRequest, type LoopEvent, type LoopHost, type LoopState } from '@ctxlock/micro-task'
import { z } from 'zod'

import { ChildLook, untilAnswered } from '../executor/child/consent-wait.ts'
import { readResult, type ACTIVITIES } from '../executor/durable-steps.ts'
import type { ExecutionPlan } from '../executor/execution-plan.ts'
import { subjectOf } from '../executor/model-call.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import type { RequestOptions } from '../governed-call/request-options.ts'
import { discardingStore } from '../lock/discarding-store.ts'
import { storeRecord } from '../session/store-record.ts'
import type { Schema } from '../workspace/validation.ts'
import { compareFields, type Difference } from './differences.ts'
import type { ReplaySession } from './replay-session.ts'
import type { ReplayedCall, Tape } from './tape.ts'

export interface LoopReplay {
  readonly calls: readonly ReplayedCall[]
  readonly decisions: { readonly checked: number; readonly first: Difference | null }
  /** How the loop ended; undefined where the record ends before it. */
  readonly end: LoopState['end']
}

export interface ReplayedLoop {
  readonly session: ReplaySession
  readonly plan: ExecutionPlan
  readonly subjects: readonly CallSubject[]
  readonly options: Pick<RequestOptions, 'maxTokens' | 'stream'>
  readonly stored: StoredRun
  readonly tape: Tape
  /** Events of the loop in the log, in order. */
  readonly events: readonly FlightEvent[]
}

/** Thrown where the record of a run ends: it waits, was interrupted, or went another way. */
class EndOfRecord extends Error {}

/**
 * Takes the loop through a run once more: every request is made again, and every decision is made again from the stored replies and
 * verdicts. Nothing of it can do anything: each port reads what the journal has under the step's key.
 */
export async function replayLoop(replayed: ReplayedLoop): Promise<LoopReplay> {
  const { plan, stored } = replayed
  const calls: ReplayedCall[] = []
  let checked = 0
  let first: Difference | null = null
  const log = [...replayed.events]

  const asked = <Result>(
    activity: (typeof ACTIVITIES)[number],
    key: string,
    input: JsonValue,
    schema: Schema<Result>,
  ): Result => {
    const step = stored.step(key)
    if (!step) throw new EndOfRecord()
    const rebuilt = identityOfStep(activity, input)
    if (rebuilt !== step.identity) first ??= { field: `loop/${key}`, recorded: step.identity, rebuilt }
    return readResult(schema, step.result)
  }

  const makeAgain = async (request: IterationRequest, reply: ModelReply): Promise<void> => {
    const work = { subject: subjectOf(replayed, request), options: replayed.options }
    do calls.push(await replayed.tape.play(request.stepId, work))
    while (replayed.tape.has(request.stepId))
    const last = calls.at(-1)
    if (last?.status === 'same' && last.callId !== reply.call_id) {
      first ??= {
        field: `loop/${request.stepId}/call_id`,
        recorded: textHash(reply.call_id),
        rebuilt: textHash(last.callId),
      }
    }
  }

  const host: LoopHost = {
    startedAt: new Date(stored.now('loop') ?? 0).toISOString(),
    policyHash: canonicalHash(plan.loop.policy),
    store: (record) => storeRecord(discardingStore, record),
    onState: () => {},
    async callModel(request) {
      const reply = asked('call', request.callKey, { level: request.level, model: request.modelId }, CallResult)
      if (reply.status !== 'refused') await makeAgain(request, reply)
      return reply
    },
    async runChild({ key, request }) {
      const input = { step: request.stepId, model: request.modelId }
      const answered = { waitForSignal: async () => ({ kind: 'timeout' as const }) }
      const result = await untilAnswered(answered, key, async (look) => asked('child', look, input, ChildLook))
      if (result.status === 'replied') await makeAgain(request, result.reply)
      return result
    },
    check: async ({ stepId }, { call_id }) => asked('check', `${stepId}/check`, { call: call_id }, Verdict),
    swapModel: async ({ key, from, to }) => asked('swap', key, { from, to }, SwapResult),
    async answer({ key }) {
      const answer = stored.signal(key)
      if (answer === undefined) throw new EndOfRecord()
      return readResult(GateAnswer, answer)
    },
    async record(key, events) {
      for (const event of events) first ??= decisionDifference(key, event, log)
      asked('record', key, { events: canonicalHash(events) }, z.null())
      checked += 1
    },
  }
  try {
    const { end } = await runLoop(plan.loop, host)
    return { calls, decisions: { checked, first }, end }
  } catch (error) {
    if (!(error instanceof EndOfRecord)) throw error
    return { calls, decisions: { checked, first }, end: undefined }
  }
}

/** The first field in which what the loop says now is not what the log has next of this kind. */
function decisionDifference(key: string, event: LoopEvent, log: FlightEvent[]): Difference | null {
  const index = log.findIndex(({ type }) => type === event.type)
  const [recorded] = index === -1 ? [] : log.splice(index, 1)
  const { differences } = compareFields(`loop/${key}/${event.type}`, recorded?.payload, event.payload)
  return differences[0] ?? null
}
