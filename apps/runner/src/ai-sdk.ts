// `ctxlock/ai-sdk`: guards and recorder of a workspace for an application of the AI SDK, by one line.
import type { LanguageModelV4Middleware } from '@ai-sdk/provider'

import { openSdkGovernance } from './ai-sdk/sdk-governance.ts'

export interface CtxlockOptions {
  /** The workspace whose config holds and whose `.ctxlock/` keeps the record; else the nearest one from the current folder upwards. */
  readonly workspace?: string
  /**
   * The base URL the model is made with. Then every call must go through `fetch` of the middleware, and a loopback URL makes the
   * model local. Without it nobody knows where the model is, so it counts as a cloud model.
   */
  readonly baseURL?: string
}

export interface CtxlockMiddleware extends LanguageModelV4Middleware {
  /** For the `fetch` option of the model's provider: out by the checked egress, to the origin of `baseURL` only. */
  readonly fetch: typeof globalThis.fetch
  /** Closes the workspace. Calls that are not settled by then stay open in the record. */
  close(): Promise<void>
}

/**
 * Middleware for `wrapLanguageModel`, the last one of several. Each call is judged by the workspace's scanner and redactor and
 * recorded before the model is called, and settled before the application sees its end. A refused call throws an error with
 * a `code`, and the model is not called. Opens the workspace at the first call.
 */
export function ctxlock(options: CtxlockOptions = {}): CtxlockMiddleware {
  return openSdkGovernance(options)
}
