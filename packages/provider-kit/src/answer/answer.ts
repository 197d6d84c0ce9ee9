import { ProviderError } from '@ctxlock/contracts/provider'
import type { FinishReason, GenerationResult, StreamEvent, Usage } from '@ctxlock/contracts/provider'

import type { Json } from '../wire/json.ts'
import type { AnswerPart, FinishReasons, UsageCounts } from './answer-part.ts'
import { parseJsonAnswer } from './json-answer.ts'
import type { SchemaCheck } from './json-schema.ts'
import { looksTruncated } from './prompt-size.ts'
import { createThinkingBlock } from './thinking-block.ts'
import { createToolCallDrafts, finishToolCalls } from './tool-calls.ts'
import type { ToolCheck } from './tool-calls.ts'
import { laterUsage, usageOf } from './usage.ts'

/** What an answer is held against: everything the request asked for. Fixed when the request is prepared. */
export interface Expectation {
  readonly model: string
  /** Names the server may use for the model besides its own. */
  readonly aliases: readonly string[]
  /** For a cloud model another name is an error, for a local one a warning (PROV-023). */
  readonly strictModel: boolean
  readonly maxOutputTokens: number | undefined
  readonly fewestPromptTokens: number
  readonly tools: ToolCheck
  readonly schema: SchemaCheck | undefined
  readonly finishReasons: FinishReasons
}

export type AnswerContent = Omit<GenerationResult, 'attempts' | 'timings'>

export interface Answer {
  add(part: AnswerPart): void
  warn(warning: string): void
  /** True once the caller has seen any of it; nothing is sent again after that. */
  readonly seen: boolean
  /** True once the server said why it stopped. */
  readonly finished: boolean
  readonly partial: { readonly partialText: string; readonly usage: Usage }
  /** Judges the whole answer. Throws the `output_…`, `tool_…`, `protocol` and `upstream_error` codes. */
  complete(meta: Readonly<Record<string, Json>>): AnswerContent
}

/** Collects the parts of one answer, passes deltas on, and judges the whole at the end. */
export function createAnswer(expected: Expectation, onEvent: (event: StreamEvent) => void): Answer {
  const warnings = new Set<string>()
  const tools = createToolCallDrafts()
  const thinking = createThinkingBlock()
  const ceiling = outputCeiling(expected.maxOutputTokens)
  let text = ''
  let reasoning = ''
  let refusal = ''
  let rawFinish: string | undefined
  let finishMeans: FinishReason | 'failed' | undefined
  let usage: UsageCounts | undefined
  let responseModel: string | undefined
  let meta: Readonly<Record<string, Json>> = {}
  let deltas = 0
  let seen = false

  const emit = (event: StreamEvent): void => {
    seen = true
    onEvent(event)
  }

  const think = (thought: string): void => {
    if (thought === '') return
    reasoning += thought
    emit({ type: 'reasoning', text: thought })
  }
  const say = (words: string): void => {
    if (words === '') return
    text += words
    emit({ type: 'text', text: words })
  }

  return {
    add(part) {
      usage = laterUsage(usage, part.usage)
      // Another model that answered part of it has answered it, and neither a failure nor a cut is undone by what proxies say at the end.
      if (!isOtherModel(responseModel, expected)) responseModel = part.model || responseModel
      if (!outweighs(rawFinish, part.finish, expected.finishReasons))
        rawFinish = part.finish || (rawFinish ?? part.finish)
      finishMeans = part.finishMeans ?? finishMeans
      meta = { ...meta, ...statedOnly(part.meta) }
      for (const warning of part.warnings ?? []) warnings.add(warning)
      const content = thinking.split(part.text ?? '')
      think(part.reasoning ?? '')
      think(content.reasoning)
      say(content.text)
      refusal += part.refusal ?? ''
      for (const call of part.toolCalls ?? []) tools.add(call)
      if (part.text || part.reasoning || part.toolCalls?.length) deltas += 1
      if (deltas > ceiling.deltas || text.length + reasoning.length > ceiling.codeUnits) {
        throw new ProviderError(
          'budget_exceeded',
          `The server ran past max_tokens ${expected.maxOutputTokens}; the stream was cut.`,
          {
            details: { maxOutputTokens: expected.maxOutputTokens ?? null, deltas },
          },
        )
      }
    },
    warn: (warning) => void warnings.add(warning),
    get seen() {
      return seen
    },
    get finished() {
      return rawFinish !== undefined && rawFinish !== ''
    },
    get partial() {
      return { partialText: text + thinking.rest().text, usage: usageOf(usage, false) }
    },
    complete(serverMeta) {
      const rest = thinking.rest()
      think(rest.reasoning)
      say(rest.text)
      const finish = finishMeans ?? finishReason(rawFinish, expected.finishReasons)
      if (finish === 'failed')
        throw new ProviderError('upstream_error', 'The server ended the answer with an error.', {
          reason: 'finish_reason',
        })
      if (rawFinish === undefined) warnings.add('missing_finish_reason')
      const cutOff = finish === 'length'
      const toolCalls = finishToolCalls(tools.drafts(), expected.tools, cutOff)
      const declined = refusal !== '' || finish === 'content_filter'
      if (refusal !== '') warnings.add('refusal')
      const words = text === '' ? refusal : text
      const counts = usageOf(usage, true)
      if (words === '' && toolCalls.length === 0 && !declined) {
        judgeEmpty(reasoning !== '' || (counts.reasoningTokens ?? 0) > 0, warnings)
      }
      if ((counts.outputTokens ?? 0) > (expected.maxOutputTokens ?? Infinity)) warnings.add('output_over_budget')
      // Some servers call an answer finished that they cut. One that ends by itself just there is rare.
      if (finish === 'stop' && counts.outputTokens === expected.maxOutputTokens) warnings.add('stopped_at_output_limit')
      if (looksTruncated(counts.inputTokens, expected.fewestPromptTokens)) warnings.add('prompt_truncated_by_server')
      if (isOtherModel(responseModel, expected)) {
        if (expected.strictModel)
          throw new ProviderError('protocol', 'Another model answered than the one that was asked.', {
            reason: 'model_mismatch',
          })
        warnings.add('model_mismatch')
      }
      const wantsJson = expected.schema !== undefined && toolCalls.length === 0
      if (wantsJson && declined)
        throw new ProviderError('content_filter', 'The model declined to give the JSON that was asked for.')
      return {
        text: words,
        ...(reasoning === '' ? {} : { reasoning }),
        toolCalls,
        ...(wantsJson && expected.schema ? { json: parseJsonAnswer(words, expected.schema, cutOff) } : {}),
        finishReason:
          refusal !== '' ? 'content_filter' : toolCalls.length > 0 && finish !== 'length' ? 'tool_calls' : finish,
        rawFinishReason: rawFinish ?? null,
        usage: counts,
        requestedModel: expected.model,
        responseModel: responseModel ?? null,
        warnings: [...warnings],
        meta: { ...serverMeta, ...meta },
      }
    },
  }
}

// `error` (OpenRouter), `abort` (vLLM), `insufficient_system_resource` (DeepSeek), `network_error` (Z.ai) and their like name
// answers that are not whole; they must not pass for one.
function isFailure(raw: string | undefined): boolean {
  return raw !== undefined && /error|abort|cancel|fail|insufficient|interrupt|time_?out/i.test(raw)
}

/** Whether the earlier of two reasons to stop stays: a failure before all others, an answer that is cut before one that is whole. */
function outweighs(earlier: string | undefined, later: string | undefined, reasons: FinishReasons): boolean {
  const weight = (raw: string | undefined): number => WEIGHTS[finishReason(raw, reasons)] ?? 0
  return weight(earlier) > 0 && weight(earlier) >= weight(later)
}

const WEIGHTS: Partial<Record<FinishReason | 'failed', number>> = { failed: 2, length: 1, content_filter: 1 }

function finishReason(raw: string | undefined, reasons: FinishReasons): FinishReason | 'failed' {
  if (isFailure(raw)) return 'failed'
  return raw !== undefined && Object.hasOwn(reasons, raw) ? (reasons[raw] ?? 'unknown') : 'unknown'
}

/** An answer without words is invalid (PROV-020), unless the model spent its tokens on reasoning, shown or hidden. */
function judgeEmpty(reasoned: boolean, warnings: Set<string>): void {
  if (!reasoned)
    throw new ProviderError('protocol', 'The answer holds neither text nor a tool call.', { reason: 'empty_answer' })
  warnings.add('empty_output_after_reasoning')
}

function isOtherModel(responseModel: string | undefined, { model, aliases }: Expectation): boolean {
  if (responseModel === undefined) return false
  const plain = (name: string): string => name.replace(/:latest$/, '')
  return ![model, ...aliases].some((name) => plain(name) === plain(responseModel))
}

/**
 * Where a stream is cut although the server goes on (PROV-017): some servers ignore the limit. Deltas stand for tokens;
 * twice the limit allows for characters that come in pieces, and no token is longer than 128 characters.
 */
function outputCeiling(maxOutputTokens: number | undefined): { readonly deltas: number; readonly codeUnits: number } {
  if (maxOutputTokens === undefined) return { deltas: Infinity, codeUnits: Infinity }
  return { deltas: 2 * maxOutputTokens + 16, codeUnits: 128 * maxOutputTokens + 1024 }
}

function statedOnly(meta: AnswerPart['meta'] = {}): Record<string, Json> {
  const stated: Record<string, Json> = {}
  for (const [name, value] of Object.entries(meta)) if (value !== undefined && value !== '') stated[name] = value
  return stated
}
