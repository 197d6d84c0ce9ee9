import type { PluginContext } from '@ctxlock/contracts/plugin'
import { ProviderError } from '@ctxlock/contracts/provider'
import type {
  ChatEncoder,
  ChatRequest,
  CompletionRequest,
  GenerationResult,
  HttpProviderOptions,
  PreparedCall,
  SamplingOptions,
} from '@ctxlock/contracts/provider'
import { requestBody } from '@ctxlock/contracts/request-body'

import type { Expectation } from '../answer/answer.ts'
import { answerSchema } from '../answer/json-answer.ts'
import { fewestTokens } from '../answer/prompt-size.ts'
import { toolCheck } from '../answer/tool-calls.ts'
import { chatTexts } from '../errors/private-texts.ts'
import type { Json } from '../wire/json.ts'
import { refuseUncarried, refuseUnsupportedChat, requireCapability, validateSampling } from './capabilities.ts'
import { refuseModel } from './cloud-served.ts'
import type { Dialect, Generation } from './dialect.ts'
import { generate } from './generate.ts'

/** Fixes the bytes of a chat request. Pure and synchronous; throws `invalid_request` and `not_supported`. */
export function prepareChat(
  dialect: Dialect,
  options: HttpProviderOptions,
  context: PluginContext,
  request: ChatRequest,
): PreparedCall {
  const generation = requireCapability(dialect.capabilities.chat ? dialect.chat : undefined, 'chat')
  const body = encodeChat(dialect, request)
  refuseModel(dialect, options, request.model)
  const texts = request.messages.map((message) => message.content)
  const stream = request.stream ?? dialect.capabilities.stream
  const expected = {
    ...expectationOf(dialect, options, request, texts),
    tools: toolCheck(request.tools ?? [], request.toolChoice ?? 'auto'),
    schema: answerSchema(request.responseFormat),
  }
  return prepared({
    dialect,
    options,
    context,
    generation,
    expected,
    body,
    stream,
    texts: chatTexts(request),
  })
}

/** The body of a chat request: all of a dialect that needs no way out. Throws `invalid_request` and `not_supported`. */
export function encodeChat(
  { capabilities, chat }: Pick<Dialect, 'capabilities' | 'chat'>,
  request: ChatRequest,
): Uint8Array {
  const generation = requireCapability(capabilities.chat ? chat : undefined, 'chat')
  refuseUnsupportedChat(capabilities, request)
  refuseUncarried(generation.carries, request)
  return bytesOf(() => generation.body(request, request.stream ?? capabilities.stream))
}

/** What a plugin offers as its `encoder`. */
export function chatEncoder(dialect: Pick<Dialect, 'capabilities' | 'chat'>): ChatEncoder {
  return { capabilities: dialect.capabilities, encodeChat: (request) => encodeChat(dialect, request) }
}

/** Fixes the bytes of a completion request; it is not streamed unless asked to be (spec 06 section 4). */
export function prepareCompletion(
  dialect: Dialect,
  options: HttpProviderOptions,
  context: PluginContext,
  request: CompletionRequest,
): PreparedCall {
  const generation = requireCapability(dialect.capabilities.complete ? dialect.completion : undefined, 'complete')
  validateSampling(dialect.capabilities, request)
  refuseModel(dialect, options, request.model)
  refuseUncarried(generation.carries, request)
  const texts = [request.prompt]
  const stream = request.stream ?? false
  const expected = {
    ...expectationOf(dialect, options, request, texts),
    tools: toolCheck([], 'auto'),
    schema: undefined,
  }
  const body = bytesOf(() => generation.body(request, stream))
  return prepared({ dialect, options, context, generation, expected, body, stream, texts })
}

interface Preparation<Request> {
  readonly dialect: Dialect
  readonly options: HttpProviderOptions
  readonly context: PluginContext
  readonly generation: Generation<Request>
  readonly expected: Expectation
  readonly body: Uint8Array
  readonly stream: boolean
  readonly texts: readonly string[]
}

function prepared<Request>({
  dialect,
  options,
  context,
  generation,
  expected,
  body,
  stream,
  texts,
}: Preparation<Request>): PreparedCall {
  const url = dialect.root + generation.path
  const message = { method: 'POST', url, body, streaming: stream, privateTexts: texts } as const
  const call = { message, framing: dialect.framing, expected, read: generation.read.bind(generation) }
  return {
    method: 'POST',
    url,
    body,
    ...(dialect.rewritten === undefined ? {} : { rewritten: dialect.rewritten }),
    async send(send = {}): Promise<GenerationResult> {
      refuseModel(dialect, options, expected.model)
      const result = await generate(call, options, context, send)
      const modelDigest = dialect.digestOf?.(expected.model)
      return modelDigest === undefined ? result : { ...result, modelDigest }
    },
  }
}

function expectationOf(
  dialect: Dialect,
  options: HttpProviderOptions,
  request: SamplingOptions,
  texts: readonly string[],
): Omit<Expectation, 'tools' | 'schema'> {
  const entry = options.models?.find(({ model_id: id }) => id === request.model)
  return {
    model: request.model,
    aliases: entry?.aliases ?? [],
    strictModel: options.tier === 'cloud',
    maxOutputTokens: request.maxOutputTokens,
    fewestPromptTokens: fewestTokens(texts),
    finishReasons: dialect.finishReasons,
  }
}

/** A body is built and serialised once; what cannot be JSON (lone surrogates, NaN) is refused here, not on the way. */
function bytesOf(body: () => Json): Uint8Array {
  try {
    return requestBody(body())
  } catch (error) {
    if (error instanceof ProviderError) throw error.with({ attempts: 0 })
    throw new ProviderError(
      'invalid_request',
      'The request holds something that JSON cannot carry.',
      { attempts: 0, reason: 'json' },
      { cause: error },
    )
  }
}
