import { describe, expect, test } from 'vitest'

import { errorCode } from './error-code.ts'
import type { ErrorPlace } from './error-code.ts'
import { parseServerError, serverErrorIn } from './server-error.ts'

/** Code of an error body under an HTTP status. */
function codeOf(status: number | undefined, body: string, place: ErrorPlace = 'status'): string {
  const error = parseServerError(body)
  return errorCode(error, place === 'status' ? status : error.status, place)
}

describe('error bodies', () => {
  test.each([
    ['nested object', '{"error":{"message":"m","type":"t","code":"c"}}', { message: 'm', kinds: ['c', 't'] }],
    ['bare string', '{"error":"m"}', { message: 'm', kinds: [] }],
    [
      'string with a code beside it',
      '{"error":"m","code":"context_length_exceeded"}',
      { message: 'm', kinds: ['context_length_exceeded'] },
    ],
    [
      'old vLLM',
      '{"object":"error","message":"m","type":"BadRequestError","code":400}',
      { message: 'm', kinds: ['badrequesterror'], status: 400 },
    ],
    ['FastAPI list', '{"detail":[{"loc":["body","n"],"msg":"too big"}]}', { message: 'body.n: too big' }],
    ['FastAPI string', '{"detail":"Not Found"}', { message: 'Not Found' }],
    [
      'Anthropic style',
      '{"type":"error","error":{"type":"overloaded_error","message":"m"}}',
      { message: 'm', kinds: ['overloaded_error'] },
    ],
    ['success false', '{"success":false,"message":"m"}', { message: 'm' }],
    ['list of errors', '{"success":false,"errors":[{"message":"m"},"n"]}', { message: 'm; n' }],
    [
      'JSON inside a string',
      JSON.stringify({ error: JSON.stringify({ error: { code: 400, message: 'm', type: 't', n_ctx: 8 } }) }),
      { message: 'm', contextTokens: 8, status: 400 },
    ],
    [
      'JSON and a line of text inside a string',
      JSON.stringify({ error: `${JSON.stringify({ error: { message: 'm' } })}\nout of memory` }),
      { message: 'm out of memory' },
    ],
    ['JSON string', '"m"', { message: 'm', structured: true }],
    ['plain text', 'm', { message: 'm', structured: false }],
    ['empty', '', { message: '', structured: false }],
    ['a status as text', '{"error":{"code":"502","message":"m"}}', { status: 502 }],
    ['an unlikely status', '{"error":{"code":7,"message":"m"}}', { message: 'm' }],
    ['a message that is no text', '{"error":{"message":{"a":1}}}', { message: '' }],
    ['null', 'null', { message: '' }],
    ['Google style', '[{"error":{"code":429,"message":"m","status":"NOT_FOUND"}}]', { message: 'm', status: 429 }],
    ['wrapped by FastAPI', '{"detail":{"error":{"message":"m","code":"c"}}}', { message: 'm', kinds: ['c'] }],
    ['FastAPI object', '{"detail":{"msg":"m","type":"t"}}', { message: 'm', kinds: ['t'] }],
    ['wrapped twice', '{"error":{"code":400,"error":{"message":"m","type":"t"}}}', { message: 'm', status: 400 }],
    ['a list in a message', '{"message":{"detail":[{"loc":["n"],"msg":"m"}]}}', { message: 'n: m' }],
    ['TGI', '{"error":"m","error_type":"overloaded"}', { message: 'm', kinds: ['overloaded'] }],
    ['problem details', '{"type":"about:blank","title":"m","status":503}', { message: 'm', status: 503 }],
    ['an upstream quoted', '{"error":{"message":"m","metadata":{"raw":"n"}}}', { message: 'm: n' }],
  ])('%s', (_, body, expected) => expect(parseServerError(body)).toMatchObject(expected))

  test.each([
    '{"choices":[]}',
    '{"error":null,"choices":[]}',
    '{"error":false}',
    '{"success":true}',
    '{"type":"message"}',
    '{"error":"","choices":[]}',
    '{"code":0,"status":"ok","choices":[]}',
    '{"code":200,"choices":[]}',
    '{"error":{},"choices":[]}',
    '{"error":{"message":"","type":"","param":null,"code":0},"choices":[]}',
    '[]',
    '[{"id":"a"},{"id":"b"}]',
    '{"choices":[{"error":null}],"x_groq":{"id":"r"}}',
  ])('%s is no error', (body) => {
    expect(serverErrorIn(JSON.parse(body))).toBeUndefined()
  })
})

test.each([
  '{"code":429,"msg":"m"}',
  '{"status":"503","detail":"m"}',
  '{"error":""}',
  '{"error":{}}',
  '{"error":true}',
  '[{"error":"m"}]',
])('%s is an error', (body) => {
  expect(serverErrorIn(JSON.parse(body))).toBeDefined()
})

test('a body that wraps without end is read', () => {
  const deep = '{"detail":'.repeat(100_000) + '{}' + '}'.repeat(100_000)
  expect(parseServerError(deep)).toMatchObject({ message: '' })
  expect(serverErrorIn(JSON.parse(`{"error":${deep}}`))).toMatchObject({ message: '' })
})

describe('error codes', () => {
  test.each([
    // The body's code or type comes first.
    [400, '{"error":{"code":"context_length_exceeded","message":"x"}}', 'context_overflow'],
    [429, '{"error":{"type":"insufficient_quota","message":"x"}}', 'quota_exhausted'],
    [429, '{"error":{"type":"rate_limit_error","message":"daily quota exceeded"}}', 'rate_limited'],
    [403, '{"error":{"type":"permission_error","message":"x"}}', 'permission'],
    [400, '{"error":{"code":"content_filter","message":"x"}}', 'content_filter'],
    [501, '{"error":{"type":"not_supported_error","message":"x"}}', 'not_supported'],
    [404, '{"error":{"code":"DeploymentNotFound","message":"The API deployment does not exist."}}', 'model_not_found'],
    [429, '{"error":{"type":"exceeded_current_quota_error","message":"x"}}', 'quota_exhausted'],
    [400, '{"error":{"code":"Arrearage","message":"x"}}', 'quota_exhausted'],
    [400, '{"error":{"code":"data_inspection_failed","message":"x"}}', 'content_filter'],
    [400, '{"error":{"code":"model_decommissioned","message":"x"}}', 'model_not_found'],
    // Then the message.
    [
      400,
      '{"error":"the prompt is longer than the context length currently available to the model"}',
      'context_overflow',
    ],
    [
      500,
      '{"error":{"message":"input (700 tokens) is too large to process. increase the physical batch size"}}',
      'context_overflow',
    ],
    [503, '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}', 'model_loading'],
    [500, '{"error":"model requires more system memory (5.5 GiB) than is available (2.1 GiB)"}', 'model_load_failed'],
    [500, '{"error":"llama runner process has terminated: signal: killed"}', 'model_load_failed'],
    [404, '{"error":"model \'x\' not found"}', 'model_not_found'],
    [404, '{"error":"model \\"x\\" not found, try pulling it first"}', 'model_not_found'],
    [400, '{"error":{"message":"The model `x` does not exist"}}', 'model_not_found'],
    [400, '{"error":"\\"x\\" does not support thinking"}', 'not_supported'],
    [503, '{"error":"server busy, please try again.  maximum pending requests exceeded"}', 'overloaded'],
    [500, '{"error":"overloaded"}', 'overloaded'],
    // Then the status.
    [400, '{"error":{"message":"x","type":"invalid_request_error"}}', 'invalid_request'],
    [401, '{"error":{"message":"the model x was not found for this key"}}', 'auth'],
    [402, '', 'quota_exhausted'],
    [403, '', 'permission'],
    [404, '<html>404</html>', 'endpoint_not_found'],
    [404, '404 page not found', 'endpoint_not_found'],
    [404, '{"error":{"message":"File Not Found","type":"not_found_error"}}', 'endpoint_not_found'],
    [405, '', 'endpoint_not_found'],
    [408, '', 'timeout'],
    [409, '', 'conflict'],
    [413, '<html>', 'payload_too_large'],
    [415, '', 'invalid_request'],
    [422, '', 'invalid_request'],
    [429, '', 'rate_limited'],
    [500, 'boom', 'server_error'],
    [502, '<html>', 'server_error'],
    [502, '<!DOCTYPE html><html><body>The server is overloaded</body></html>', 'server_error'],
    [502, '{"error":{"message":"Provider returned error"}}', 'upstream_error'],
    [503, '', 'overloaded'],
    [504, '<html>', 'server_error'],
    [529, '', 'overloaded'],
    [599, '', 'server_error'],
    [304, '', 'protocol'],
  ])('HTTP %i %s', (status, body, expected) => expect(codeOf(status, body)).toBe(expected))

  test.each([
    ['answer', '{"error":{"code":429,"message":"slow down"}}', 'rate_limited'],
    ['answer', '{"error":"x"}', 'upstream_error'],
    ['stream', '{"error":{"code":502,"message":"x"}}', 'upstream_error'],
    ['stream', '{"error":"an error was encountered while running the model"}', 'stream_error'],
    // A model that streams has loaded.
    ['stream', '{"error":"CUDA error: out of memory"}', 'stream_error'],
    ['stream', '{"error":{"code":503,"message":"overloaded"}}', 'overloaded'],
    // Beside half an answer.
    ['answer', '{"choices":[{"finish_reason":"stop","error":{"code":502,"message":"x"}}]}', 'upstream_error'],
    ['stream', '{"choices":[{"delta":{}},{"finish_reason":"error","error":{"code":429}}]}', 'rate_limited'],
    ['stream', '{"choices":[],"x_groq":{"error":"over_capacity"}}', 'stream_error'],
  ] as const)('inside a %s under HTTP 200: %s', (place, body, expected) =>
    expect(codeOf(200, body, place)).toBe(expected),
  )
})
