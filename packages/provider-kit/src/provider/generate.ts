import type { EgressResponse, PluginContext } from '@ctxlock/contracts/plugin'
import { ProviderError } from '@ctxlock/contracts/provider'
import type { GenerationResult, HttpProviderOptions, SendOptions } from '@ctxlock/contracts/provider'

import { createAnswer } from '../answer/answer.ts'
import type { Answer, AnswerContent, Expectation } from '../answer/answer.ts'
import type { AnswerPart } from '../answer/answer-part.ts'
import type { ErrorPlace } from '../errors/error-code.ts'
import { serverWord } from '../errors/error-text.ts'
import type { PrivateTexts } from '../errors/error-text.ts'
import { serverFailure } from '../errors/response-error.ts'
import { parseServerError, serverErrorIn } from '../errors/server-error.ts'
import type { ServerError } from '../errors/server-error.ts'
import { withRetries } from '../retry.ts'
import { isObject, parseJson } from '../wire/json.ts'
import type { JsonObject } from '../wire/json.ts'
import { jsonLines } from '../wire/json-lines.ts'
import { serverSentEvents } from '../wire/server-sent-events.ts'
import { documentOf, wholeText } from '../wire/whole-document.ts'
import { headerMeta } from './header-meta.ts'
import { recordedModel } from './recorded-model.ts'
import { exchange, privateTextsOf, retryContext, retryLimits } from './transport.ts'
import type { HttpMessage } from './transport.ts'

/** One prepared generation: fixed bytes, how to read the answer, and what to hold it against. */
export interface GenerationCall {
  readonly message: HttpMessage
  readonly framing: 'sse' | 'json-lines'
  readonly expected: Expectation
  read(document: JsonObject, streamed: boolean): AnswerPart
}

/** Sends a prepared generation, again and again while that is allowed, and returns the judged answer. */
export async function generate(
  call: GenerationCall,
  options: HttpProviderOptions,
  context: PluginContext,
  send: SendOptions,
): Promise<GenerationResult> {
  const start = context.clock.monotonic()
  let firstText: number | null = null
  let answer: Answer | undefined
  let attempts = 0
  const content = await withRetries(
    retryLimits(options, send),
    retryContext(context, send),
    (attempt) => {
      attempts = attempt
      answer = createAnswer(call.expected, (event) => {
        if (event.type === 'text') firstText ??= context.clock.monotonic()
        send.onEvent?.(event)
      })
      return attemptOnce(call, answer, options, context, send.signal)
    },
    () => answer?.seen !== true,
  )
  const totalMs = context.clock.monotonic() - start
  return { ...content, attempts, timings: { totalMs, firstTextMs: firstText === null ? null : firstText - start } }
}

async function attemptOnce(
  call: GenerationCall,
  answer: Answer,
  options: HttpProviderOptions,
  context: PluginContext,
  signal: AbortSignal | undefined,
): Promise<AnswerContent> {
  try {
    const response = await exchange(call.message, options, context, signal)
    await readAnswer(call, answer, response, context, signal)
    const secrets = privateTextsOf(call.message, context)
    return withoutEchoes(answer.complete(headerMeta(response.headers, secrets)), call.expected, secrets)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    const { partialText, usage } = answer.partial
    throw error.with({ ...(partialText === '' ? {} : { partialText }), ...(usage.source === 'none' ? {} : { usage }) })
  }
}

/** Names and ids of the server are recorded, and it may put anything into them. */
function withoutEchoes(content: AnswerContent, { model, aliases }: Expectation, secrets: PrivateTexts): AnswerContent {
  const { rawFinishReason, responseModel } = content
  return {
    ...content,
    rawFinishReason: rawFinishReason === null ? null : serverWord(rawFinishReason, secrets),
    responseModel: recordedModel(responseModel, [model, ...aliases], secrets),
    meta: Object.fromEntries(
      Object.entries(content.meta).map(([name, value]) => [
        name,
        typeof value === 'string' ? serverWord(value, secrets) : value,
      ]),
    ),
  }
}

/** Decides by the content type and the first look what the server really sent, and reads that. */
async function readAnswer(
  call: GenerationCall,
  answer: Answer,
  { headers, body }: EgressResponse,
  context: PluginContext,
  signal: AbortSignal | undefined,
): Promise<void> {
  const contentType = headers['content-type'] ?? ''
  const { streaming } = call.message
  const json = /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType)
  const source = { call, answer, context, signal }
  if (/\bhtml\b/i.test(contentType) || (!streaming && /event-stream/i.test(contentType))) {
    await leave(body)
    throw new ProviderError('protocol', 'The answer has a content type that was not asked for.', {
      reason: 'unexpected_content_type',
    })
  }
  if (streaming && !json) return readStream(source, body)
  const { text, validUtf8 } = await wholeText(body)
  if (!validUtf8) answer.warn('invalid_utf8')
  const looksStreamed =
    call.framing === 'json-lines' ? text.includes('\n') : streaming && /^(?:data|event|error):/m.test(text)
  if (looksStreamed && !parseJson(text)) {
    // A stream under another name: proxies relabel it, and servers stream although they were told not to.
    if (!streaming) answer.warn('unexpected_stream')
    return readStream(source, oneChunk(text))
  }
  readWhole(source, documentOf(text))
}

interface Source {
  readonly call: GenerationCall
  readonly answer: Answer
  readonly context: PluginContext
  readonly signal: AbortSignal | undefined
}

async function readStream(source: Source, body: AsyncIterable<Uint8Array>): Promise<void> {
  const { call, answer, signal } = source
  try {
    for await (const item of call.framing === 'sse' ? serverSentEvents(body) : jsonLines(body)) {
      if (signal?.aborted) throw new ProviderError('aborted', 'The call was cancelled.')
      // An event that is called an error is one, whatever its data looks like; behind it nothing can make the answer whole.
      if (item.event === 'error') throw failureOf(source, parseServerError(item.data), 'stream')
      if (call.framing === 'sse' && item.data.trim() === '[DONE]') return
      if (item.data === '' && item.complete) continue // A heartbeat.
      const parsed = parseJson(item.data)
      if (!parsed && !item.complete) throw truncated('inside a message', false)
      if (!parsed) throw notAnObject(true)
      if (!item.validUtf8) answer.warn('invalid_utf8')
      if (item.whole) return readWhole(source, parsed.value)
      const part = readDocument(source, parsed.value, true)
      answer.add(part)
      if (part.done) return
    }
  } catch (error) {
    // Once the server has said why it stopped, the rest of the stream can only be a count or an end mark.
    if (!endsStream(error) || !answer.finished) throw error
  }
  // The end mark is missing. With a finish reason the answer is whole; without one nobody can tell.
  if (call.framing !== 'sse' || !answer.finished) throw truncated('between two messages', true)
  answer.warn('missing_done')
}

/** Whether the stream just broke off: the connection failed, or the server stopped inside a message. */
function endsStream(error: unknown): error is ProviderError {
  if (!(error instanceof ProviderError)) return false
  return error.code === 'stream_truncated' || error.code === 'network'
}

/** A message cut in half points at a server or proxy that breaks this answer, not at a lost connection. */
function truncated(where: string, retryable: boolean): ProviderError {
  return new ProviderError('stream_truncated', `The stream ended ${where}, before the answer did.`, { retryable })
}

function readWhole(source: Source, document: unknown): void {
  if (source.call.message.streaming) source.answer.warn('stream_not_honoured')
  const part = readDocument(source, document, false)
  source.answer.add(part)
  // The server hung up on its model: what it has is the beginning of an answer.
  if (part.done === false) throw truncated('in an answer that says that it is not done', true)
}

function readDocument(source: Source, document: unknown, streamed: boolean): AnswerPart {
  const error = serverErrorIn(document)
  if (error) throw failureOf(source, error, streamed ? 'stream' : 'answer')
  if (isObject(document)) return source.call.read(document, streamed)
  throw notAnObject(streamed)
}

function notAnObject(streamed: boolean): ProviderError {
  return streamed
    ? new ProviderError('protocol', 'A message of the stream is not a JSON object.', { reason: 'not_json' })
    : new ProviderError('protocol', 'The server answered with JSON that is no object.', { reason: 'not_an_object' })
}

function failureOf({ call, context }: Source, error: ServerError, place: ErrorPlace): ProviderError {
  return serverFailure(error, undefined, place, privateTextsOf(call.message, context))
}

async function leave(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body) break
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text)
}
