import { requestBody } from '@ctxlock/contracts/request-body'
import type { PluginContext } from '@ctxlock/contracts/plugin'
import type { HttpProviderOptions, SendOptions } from '@ctxlock/contracts/provider'

import { serverFailure } from '../errors/response-error.ts'
import { serverErrorIn } from '../errors/server-error.ts'
import { wait, withRetries } from '../retry.ts'
import type { Json } from '../wire/json.ts'
import { documentOf, wholeText } from '../wire/whole-document.ts'
import { exchange, privateTextsOf, retryContext, retryLimits } from './transport.ts'

/** Plain requests to one server, with the kit's timers, retries, limits and error mapping. */
export interface HttpCalls {
  /** The JSON answer to a GET; `path` is below the root, or a URL of the same origin. */
  get(path: string): Promise<unknown>
  /** `slow` waits for the first byte as long as the whole request may take; `privateTexts` stay out of error messages. */
  post(
    path: string,
    body: Json,
    options?: { readonly slow?: boolean; readonly privateTexts?: readonly string[] },
  ): Promise<unknown>
  /** Pauses, or throws `aborted`. */
  wait(milliseconds: number): Promise<void>
}

export function createHttpCalls(
  root: string,
  options: HttpProviderOptions,
  context: PluginContext,
  send: SendOptions = {},
): HttpCalls {
  const call = async (message: Parameters<typeof exchange>[0]): Promise<unknown> =>
    withRetries(retryLimits(options, send), retryContext(context, send), async () => {
      const response = await exchange(message, options, context, send.signal)
      const { text } = await wholeText(response.body)
      const document = documentOf(text)
      const error = serverErrorIn(document)
      if (error) throw serverFailure(error, undefined, 'answer', privateTextsOf(message, context))
      return document
    })
  const url = (path: string): string => (path.startsWith('/') ? root + path : path)
  return {
    get: (path) => call({ method: 'GET', url: url(path), streaming: false, privateTexts: [] }),
    post: (path, body, { slow = false, privateTexts = [] } = {}) =>
      call({ method: 'POST', url: url(path), body: requestBody(body), streaming: false, slow, privateTexts }),
    wait: (milliseconds) => wait(milliseconds, 1, { timers: context.timers, signal: send.signal }),
  }
}
