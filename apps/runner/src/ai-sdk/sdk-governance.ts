import { createCallMiddleware } from '@ctxlock/provider-ai-sdk/middleware'

import { nodeEnvironment } from '../environment/node-environment.ts'
import { openSession, type Session } from '../session/session.ts'
import { findWorkspaceRoot } from '../workspace/workspace-root.ts'
import { openModelEndpoint } from './model-endpoint.ts'
import { createSdkGovernor } from './sdk-governor.ts'

/**
 * Wires a workspace to the middleware, for `ctxlock()`. The workspace is opened once, by the first call; a call it cannot be opened
 * for fails.
 */
export function openSdkGovernance({ workspace, baseURL }: { readonly workspace?: string; readonly baseURL?: string }) {
  const { timers } = nodeEnvironment
  const root = findWorkspaceRoot(workspace, process.cwd())
  const endpoint = openModelEndpoint(baseURL, timers)
  let opened: Promise<Session> | undefined
  const session = async (): Promise<Session> => {
    opened ??= openSession({ root, variables: process.env })
    try {
      return await opened
    } catch (error) {
      // What was in the way may be gone by the next call.
      opened = undefined
      throw error
    }
  }
  const { checkedFetch } = endpoint
  return {
    ...createCallMiddleware(createSdkGovernor(session, endpoint), checkedFetch && { checkedFetch, timers }),
    fetch: checkedFetch?.fetch ?? refuseWithoutBaseUrl,
    async close() {
      const closing = opened
      opened = undefined
      await endpoint.close()
      await closing?.then((open) => open.close())
    },
  }
}

async function refuseWithoutBaseUrl(): Promise<Response> {
  throw new TypeError(
    '`fetch` of the ctxlock middleware needs to know where it may go: expected `ctxlock({ baseURL })`.',
  )
}
