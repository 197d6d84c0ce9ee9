import { describe, expect, test } from 'vitest'

import { messageCode } from './error-message.ts'

// Words of servers, as their sources, documents and users' reports have them.
describe('context_overflow', () => {
  test.each([
    [400, "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens"],
    [400, 'the request exceeds the available context size, try increasing it'],
    [400, 'Requested tokens (9000) exceed context window of 4096'],
    [400, "The input (9000 tokens) is longer than the model's context length (4096 tokens)."],
    [400, 'the model is loaded with context length of only 4096 tokens, which is not enough'],
    [400, 'The number of tokens to keep from the initial prompt is greater than the context length.'],
    [400, 'litellm.ContextWindowExceededError: OpenAIException'],
    [400, 'Your input exceeds the context window of this model.'],
    [
      400,
      'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length and try again',
    ],
    [400, 'prompt is too long: 205000 tokens > 200000 maximum'],
    [400, 'Input is too long for requested model.'],
    [
      400,
      'The decoder prompt (length 9000) is longer than the maximum model length of 4096. For image inputs, the number of tokens depends on the number of images.',
    ],
    [422, 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000 `inputs` tokens'],
    [422, 'Input validation error: `inputs` must have less than 1024 tokens. Given: 3000'],
    [400, 'The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).'],
    [400, "This model's maximum prompt length is 131072 but the request contains 140000 tokens."],
    [400, 'Prompt length (9000) exceeds maximum input length (4096).'],
    [400, 'Invalid request: Your request exceeded model token limit: 8192'],
    [400, 'The input token length exceeds the session length'],
    [400, 'Range of input length should be [1, 30720]'],
    [400, 'too many tokens: total number of tokens in the prompt cannot exceed 4081'],
    [400, 'prompt token count of 130000 exceeds the limit of 128000'],
    [400, 'Please reduce the length of the messages or completion.'],
    [500, 'input (700 tokens) is too large to process. increase the physical batch size'],
    [429, "This model's maximum context length is 4096 tokens"],
  ])('HTTP %i %s', (status, message) => expect(messageCode(message, status)).toBe('context_overflow'))

  test.each([
    [429, 'Too many tokens, please wait before trying again.'],
    [429, 'Too many tokens per day, please wait before trying again.'],
    [429, 'Rate limit reached for tokens: context window usage of 40000 TPM. Please try again in 3s'],
    [503, 'Server overloaded: 12 requests waiting; input queue is too long'],
    [413, 'input is too large'],
    [413, 'Request payload: input image is too large'],
    [400, 'The image referenced in the prompt is too large (max 20 MB)'],
    [400, 'The number of images in the prompt exceeds the limit of 5'],
    [400, "Invalid 'context_size': unknown field"],
    [422, 'body.max_tokens: Input should be greater than or equal to 1'],
    [400, 'max_tokens is too large: 5000000. This model supports at most 16384 completion tokens'],
    [400, 'string too long. Expected a string with maximum length 10485760, but got a string with length 10485761'],
  ])('nor HTTP %i %s', (status, message) => expect(messageCode(message, status)).not.toBe('context_overflow'))
})

describe('other codes', () => {
  test.each([
    ['quota_exhausted', 400, 'Your credit balance is too low to access the Anthropic API.'],
    ['quota_exhausted', 400, 'Budget has been exceeded! Current cost: 12.0, Max budget: 10.0'],
    ['quota_exhausted', 429, 'Your team has either used all available credits or reached its monthly spending limit.'],
    ['quota_exhausted', 429, 'You exceeded your current quota, please check your plan and billing details.'],
    ['quota_exhausted', 429, 'Your account is in arrears, please recharge and try again'],
    ['quota_exhausted', 429, 'you have reached your weekly usage limit, upgrade for higher limits'],
    ['model_loading', 503, 'Loading model'],
    ['model_loading', 503, 'Model meta-llama/Llama-3 is currently loading'],
    ['model_loading', 503, 'The model is starting up, please try again later'],
    ['model_load_failed', 500, 'error loading model: tensor missing'],
    ['model_load_failed', 500, 'timed out waiting for llama runner to start'],
    ['model_not_found', 404, 'models/gemini-9 is not found for API version v1main'],
    ['model_not_found', 404, 'No endpoints found for foo/bar.'],
    ['model_not_found', 400, 'foo/bar is not a valid model ID'],
    ['model_not_found', 400, 'Invalid model: nope'],
    ['model_not_found', 400, 'Invalid model name passed in model=nope.'],
    ['model_not_found', 400, 'Model Not Exist'],
    ['model_not_found', 400, 'The model `mixtral` has been decommissioned and is no longer supported.'],
    ['model_not_found', 400, "The requested model 'x' could not be found"],
    ['not_supported', 404, 'No endpoints found that support tool use.'],
    ['overloaded', 503, 'Service is too busy.'],
    ['overloaded', 503, 'Queue is full; the prompt queue is too long'],
    ['content_filter', 400, 'Input data may contain inappropriate content.'],
    ['auth', 400, 'API key not valid. Please pass a valid API key.'],
    ['auth', 400, 'Incorrect API key provided: sk***.'],
    // Nothing in particular: the status decides.
    [undefined, 429, "Quota exceeded for quota metric 'Generate Content API requests per minute'"],
    [
      undefined,
      429,
      'You exceeded your current quota, please check your plan and billing details. Please retry in 25.07s.',
    ],
    [undefined, 500, 'No model is loaded'],
    [undefined, 409, 'model is loaded by another process'],
    [undefined, 400, 'Failed to load image or audio file'],
    [undefined, 500, 'Model executor: file config.json not found'],
    [undefined, 400, "tool 'x' referenced by the model in messages[2] was not found in tools"],
  ])('%s: HTTP %i %s', (code, status, message) => expect(messageCode(message, status)).toBe(code))

  test('hostile words cost little time', () => {
    const start = process.threadCpuUsage()
    for (const word of [
      'model ',
      'prompt ',
      'tokens exceed ',
      'context ',
      'maximum ',
      'loading ',
      'is ',
      'inputs ',
      'model: ',
    ])
      messageCode(word.repeat(4000 / word.length), 400)
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(1000)
  })
})
