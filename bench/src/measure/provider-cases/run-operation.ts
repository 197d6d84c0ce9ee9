import type {
  ChatMessage,
  ChatRequest,
  LlmClient,
  ModelInfo,
  ResponseFormat,
  SamplingOptions,
  SendOptions,
  ToolChoice,
  ToolSpecification,
} from '../../../../packages/contracts/src/provider.ts'
import { countOf, isObject, listOf, objectOf, textOf } from '../../../../packages/provider-kit/src/index.ts'
import type { Json, JsonObject } from '../../../../packages/provider-kit/src/index.ts'

/** Runs the operation of a case and returns its outcome in the words the case file uses. */
export async function runOperation(client: LlmClient, input: JsonObject, send: SendOptions): Promise<object> {
  const model = textOf(input['model']) ?? 'm1'
  const texts = listOf(input['input']).filter((text) => typeof text === 'string')
  const dimensions = countOf(input['dimensions'])
  switch (input['op']) {
    case 'chat':
      return client.prepareChat(chatRequest(input)).send(send)
    case 'complete':
      return client.prepareCompletion({ ...sampling(input), prompt: textOf(input['prompt']) ?? '' }).send(send)
    case 'embed':
      return client.embed({ model, input: texts, ...(dimensions === undefined ? {} : { dimensions }) }, send)
    case 'models':
      return { models: (await client.listModels(send)).map(named) }
    case 'show':
      return client.showModel(model, send)
    case 'ps':
      return { running: (await client.listRunning(send)).map(named) }
    case 'load':
      await client.load(model, { ...send, ...loadOptions(input) })
      return { loaded: true }
    case 'unload':
      await client.unload(model, send)
      return { loaded: false, unloaded: true }
    case 'swap':
      await client.unload(textOf(input['from']) ?? '', send)
      await client.load(textOf(input['to']) ?? '', { ...send, ...loadOptions(input) })
      return { loaded: textOf(input['to']) }
    case 'health': {
      const { state, version } = await client.health(send)
      return { health: state === 'ready' ? 'ok' : state, version }
    }
    default:
      throw new Error('an operation the file format does not have')
  }
}

/** The file format calls a model's id its name. */
function named({ id, ...rest }: ModelInfo): object {
  return { name: id, id, ...rest }
}

export function chatRequest(input: JsonObject): ChatRequest {
  const tools = listOf(input['tools']).map((tool) => toolOf(objectOf(tool)))
  const toolChoice = choiceOf(input['toolChoice'])
  const responseFormat = formatOf(input['responseFormat'])
  return {
    ...sampling(input),
    messages: listOf(input['messages']).map((message) => messageOf(objectOf(message))),
    ...(tools.length === 0 ? {} : { tools }),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(responseFormat === undefined ? {} : { responseFormat }),
  }
}

export function sampling(input: JsonObject): SamplingOptions {
  const { temperature, topP, seed, stop, reasoning, keepAlive } = input
  const maxOutputTokens = countOf(input['maxOutputTokens'])
  const contextTokens = countOf(input['contextTokens'])
  return {
    model: textOf(input['model']) ?? 'm1',
    stream: input['stream'] === true,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(typeof temperature === 'number' ? { temperature } : {}),
    ...(typeof topP === 'number' ? { topP } : {}),
    ...(typeof seed === 'number' ? { seed } : {}),
    ...(Array.isArray(stop) ? { stop: stop.filter((text) => typeof text === 'string') } : {}),
    ...(typeof reasoning === 'boolean' || reasoning === 'low' || reasoning === 'medium' || reasoning === 'high'
      ? { reasoning }
      : {}),
    ...(typeof keepAlive === 'string' || typeof keepAlive === 'number' ? { keepAlive } : {}),
  }
}

function loadOptions(input: JsonObject): { contextTokens?: number; keepAlive?: string | number } {
  const { contextTokens, keepAlive } = sampling(input)
  return {
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(keepAlive === undefined ? {} : { keepAlive }),
  }
}

function messageOf(message: JsonObject): ChatMessage {
  const content = textOf(message['content']) ?? ''
  const { role } = message
  if (role === 'tool')
    return { role, content, toolCallId: textOf(message['tool_call_id']) ?? textOf(message['toolCallId']) ?? '' }
  return { role: role === 'system' || role === 'assistant' ? role : 'user', content }
}

function toolOf(tool: JsonObject): ToolSpecification {
  const { name, description, parameters } = isObject(tool['function']) ? tool['function'] : tool
  return {
    name: textOf(name) ?? '',
    parameters: jsonOf(parameters ?? {}),
    ...(typeof description === 'string' ? { description } : {}),
  }
}

function choiceOf(choice: unknown): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice
  const named = isObject(choice) ? (textOf(choice['name']) ?? textOf(objectOf(choice['function'])['name'])) : undefined
  return named === undefined ? undefined : { name: named }
}

function formatOf(format: unknown): ResponseFormat | undefined {
  if (!isObject(format)) return undefined
  if (format['type'] === 'json_schema')
    return { type: 'json_schema', name: textOf(format['name']) ?? 'answer', schema: jsonOf(format['schema']) }
  return { type: format['type'] === 'text' ? 'text' : 'json' }
}

/** The case file was parsed from JSON, so what is in it is JSON. */
function jsonOf(value: unknown): Json {
  const parsed: Json = JSON.parse(JSON.stringify(value))
  return parsed
}
