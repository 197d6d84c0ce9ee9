import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'

import type { Attempt } from './checked-fetch.ts'
import { modelFailure } from './model-error.ts'
import type { Watch } from './watch.ts'

/** A model's stream as JSON lines. Leaving early cancels it, and with it the model's request. Throws `ProviderError`. */
export async function* streamLines(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  attempt: Attempt,
  watch: Watch,
): AsyncGenerator<Uint8Array, void, undefined> {
  let reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart> | undefined
  const cutCalls = openToolCalls()
  try {
    // Plain JavaScript can answer with anything in place of a stream.
    reader = stream.getReader()
    for (;;) {
      const { done, value: part } = await watch.orAborted(reader.read())
      if (done) return
      cutCalls.see(part)
      if (part.type === 'finish') for (const call of cutCalls.open()) yield jsonLine(call)
      yield jsonLine(documentOf(part, attempt))
    }
  } catch (error) {
    throw attempt.failure ?? modelFailure(watch.signal.aborted ? watch.signal.reason : error)
  } finally {
    watch.release()
    void reader?.cancel().catch(() => {})
  }
}

export function jsonLine(document: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(document)}\n`)
}

/** A server's error passes as it is and is judged by the reader; an exception of the SDK ends the stream here. */
function documentOf(part: LanguageModelV4StreamPart, { wire, failure }: Attempt): unknown {
  if (part.type === 'finish') return { ...part, wire }
  if (part.type === 'raw') return { type: 'raw' }
  if (part.type !== 'error') return part
  if (failure || part.error instanceof Error) throw part.error
  return { error: part.error ?? 'unknown' }
}

type ToolCallPart = Extract<LanguageModelV4StreamPart, { type: 'tool-call' }>

/** Calls whose input began and never came whole: the reader must see that they were cut. */
function openToolCalls(): { see(part: LanguageModelV4StreamPart): void; open(): readonly ToolCallPart[] } {
  const calls = new Map<string, ToolCallPart>()
  return {
    see(part) {
      if (part.type === 'tool-input-start')
        calls.set(part.id, { type: 'tool-call', toolCallId: part.id, toolName: part.toolName, input: '' })
      if (part.type === 'tool-call') calls.delete(part.toolCallId)
      const call = part.type === 'tool-input-delta' ? calls.get(part.id) : undefined
      if (call && part.type === 'tool-input-delta') calls.set(part.id, { ...call, input: call.input + part.delta })
    },
    // Without any input a call could pass for one without arguments.
    open: () => [...calls.values()].map((call) => ({ ...call, input: call.input === '' ? '{' : call.input })),
  }
}
