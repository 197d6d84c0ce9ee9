import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'

import type { AnswerTally, CallOutcome } from './answer-tally.ts'

export interface Settlement {
  readonly tally: AnswerTally
  settle(outcome: CallOutcome): Promise<void>
  /** What the last part becomes. */
  finish(part: Extract<LanguageModelV4StreamPart, { type: 'finish' }>): LanguageModelV4StreamPart
  wasCancelled(): boolean
}

/** The same parts, with the call settled once, before whoever reads them learns that it ended. */
export function settledStream(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  { tally, settle, finish, wasCancelled }: Settlement,
): ReadableStream<LanguageModelV4StreamPart> {
  const reader = stream.getReader()
  let isSettled = false
  const settleOnce = async (outcome: () => CallOutcome): Promise<void> => {
    if (isSettled) return
    isSettled = true
    await settle(outcome())
  }
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value: part } = await reader.read()
        if (done) {
          await settleOnce(tally.outcome)
          return controller.close()
        }
        tally.add(part, true)
        if (part.type !== 'finish') return controller.enqueue(part)
        await settleOnce(tally.outcome)
        controller.enqueue(finish(part))
      } catch (error) {
        await settleOnce(() => tally.failure(error, wasCancelled()))
        throw error
      }
    },
    async cancel(reason) {
      await Promise.all([settleOnce(() => tally.failure(reason, true)), reader.cancel(reason)])
    },
  })
}
