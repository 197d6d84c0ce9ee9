import { ProviderError } from '@ctxlock/contracts/provider'
import type { ResponseFormat } from '@ctxlock/contracts/provider'

import { isJson, parseJson } from '../wire/json.ts'
import type { Json } from '../wire/json.ts'
import { compileSchema } from './json-schema.ts'
import type { SchemaCheck } from './json-schema.ts'

/** The check an answer format demands, compiled before the request leaves; nothing for plain text. */
export function answerSchema(format: ResponseFormat | undefined): SchemaCheck | undefined {
  if (format === undefined || format.type === 'text') return undefined
  return format.type === 'json' ? () => undefined : compileSchema(format.schema, 'the answer format')
}

/**
 * The JSON value of an answer, checked here whatever the server promised. Throws `output_truncated` when the server
 * stopped at a limit inside it, `output_invalid` with reason `not_json` or `schema` otherwise.
 */
export function parseJsonAnswer(text: string, schema: SchemaCheck, cutOff: boolean): Json {
  const parsed = parseJson(text)
  if (!parsed || !isJson(parsed.value)) {
    if (cutOff)
      throw new ProviderError('output_truncated', 'The answer reached the output limit before its JSON ended.')
    throw new ProviderError('output_invalid', 'The answer is not the JSON that was asked for.', { reason: 'not_json' })
  }
  const violation = schema(parsed.value)
  if (!violation) return parsed.value
  throw new ProviderError('output_invalid', 'The answer breaks the JSON Schema that was asked for.', {
    reason: 'schema',
    details: { path: violation.path, keyword: violation.keyword },
  })
}
