import type { ChatRequest } from '@ctxlock/contracts/provider'

import { isObject } from '../wire/json.ts'

// Schemas are full of words like `object` and `string` that an error needs; what is longer is somebody's own.
const LEAST_SCHEMA_TEXT = 12
// Ids and tokens of gateways stand in paths; `completions` does not count as one.
const LEAST_SEGMENT = 12

/** The texts of a chat request that no error may repeat: messages, tool arguments, and what describes tools and answers. */
export function chatTexts({ messages, tools = [], responseFormat }: ChatRequest): readonly string[] {
  const calls = messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []))
  const described = [...tools, ...(responseFormat?.type === 'json_schema' ? [responseFormat.schema] : [])]
  return [
    ...messages.map(({ content }) => content),
    ...calls.flatMap((call) => stringsIn(call.arguments)),
    ...described.flatMap(stringsIn).filter(({ length }) => length >= LEAST_SCHEMA_TEXT),
  ]
}

/** Parts of a URL's path that may be somebody's token; servers like to repeat the path they do not know. */
export function pathTexts(url: string): readonly string[] {
  return (URL.parse(url)?.pathname ?? '').split('/').filter(({ length }) => length >= LEAST_SEGMENT)
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(stringsIn)
  return isObject(value) ? Object.entries(value).flatMap(([name, inner]) => [name, ...stringsIn(inner)]) : []
}
