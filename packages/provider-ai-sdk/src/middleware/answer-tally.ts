import { APICallError } from '@ai-sdk/provider'
import type { FinishReason } from '@ctxlock/contracts/provider'
import type { UsageCounts } from '@ctxlock/provider-kit'
import { createSecretHolder, isObject, recordedModel } from '@ctxlock/provider-kit'

import { readAnswer } from '../answer-parts.ts'
import type { Attempt } from '../checked-fetch.ts'
import { modelFailure } from '../model-error.ts'

/** How a call ended. The text is for a digest and a size, not for keeping. */
export type CallOutcome = CallAnswer | CallFailure

export interface CallAnswer extends Partial<CallFacts> {
  readonly status: 'answered'
  readonly text: string
  readonly finishReason: FinishReason
}

export interface CallFailure extends Partial<CallFacts> {
  readonly status: 'failed' | 'cancelled'
  /** A word without content, such as `http_429` or `network`. */
  readonly code: string
}

interface CallFacts {
  readonly usage: UsageCounts
  readonly responseModel: string
  /** What left, where the middleware has a wire. */
  readonly wire: NonNullable<Attempt['wire']>
}

export interface AnswerTally {
  /** A part of a stream, or a whole result. */
  add(document: unknown, streamed: boolean): void
  /** How it stands when nothing more comes. */
  outcome(): CallOutcome
  failure(error: unknown, cancelled: boolean): CallFailure
}

/** What the model was asked, so that nothing of it is recorded as a name. */
export interface Asked {
  readonly model: string
  readonly texts: readonly string[]
}

/** Reads along with an answer without changing it. */
export function createAnswerTally(asked: Asked, attempt?: Pick<Attempt, 'wire' | 'failure'>): AnswerTally {
  let text = ''
  let finish: FinishReason | 'failed' | undefined
  let failed: string | undefined
  let facts: Partial<CallFacts> = {}
  // The key is the application's, which keeps it to itself.
  const secrets = { secret: createSecretHolder(), request: asked.texts }
  const left = (): Partial<CallFacts> => (attempt?.wire ? { wire: attempt.wire } : {})
  return {
    add(document, streamed) {
      if (!isObject(document)) return
      if (streamed && document['type'] === 'error') failed ??= attempt?.failure?.code ?? partCode(document['error'])
      try {
        const part = readAnswer(document, streamed)
        text += part.text ?? ''
        finish = part.finishMeans ?? finish
        const responseModel = recordedModel(part.model ?? null, [asked.model], secrets)
        facts = { ...facts, ...(part.usage && { usage: part.usage }), ...(responseModel !== null && { responseModel }) }
      } catch (error) {
        failed ??= failureCode(error)
      }
    },
    outcome() {
      if (failed === undefined && finish !== undefined && finish !== 'failed')
        return { status: 'answered', text, finishReason: finish, ...facts, ...left() }
      const code = failed ?? (finish === undefined ? 'stream_truncated' : 'upstream_error')
      return { status: 'failed', code, ...facts, ...left() }
    },
    failure: (error, cancelled) =>
      cancelled
        ? { status: 'cancelled', code: 'aborted', ...facts, ...left() }
        : { status: 'failed', code: failureCode(attempt?.failure ?? error), ...facts, ...left() },
  }
}

/** What a server said inside its stream comes as it is, what the SDK threw as an error. */
function partCode(error: unknown): string {
  return error instanceof Error ? failureCode(error) : 'stream_error'
}

/** A status that says success is no reason: the SDK names it where it could not read what came under it. */
function failureCode(error: unknown): string {
  const status = APICallError.isInstance(error) ? error.statusCode : undefined
  return status !== undefined && status >= 300 ? `http_${status}` : modelFailure(error).code
}
