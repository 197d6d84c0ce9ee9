import type { LlmClient, SendOptions } from '../../../../packages/contracts/src/provider.ts'
import { startFakeServer, startTrap } from '../../../../packages/plugin-api/src/testing.ts'
import type { RecordedRequest } from '../../../../packages/plugin-api/src/testing.ts'
import { countOf, textOf } from '../../../../packages/provider-kit/src/index.ts'
import { caseContext } from './case-context.ts'
import { caseScript } from './case-script.ts'
import type { CreateClient } from './clients.ts'
import type { ProviderCase } from './provider-case.ts'
import { runOperation } from './run-operation.ts'

/** Everything that could be seen while a case was played. */
export interface Observation {
  readonly result: object | undefined
  readonly error: unknown
  readonly deltas: number
  readonly retries: readonly { readonly code: string; readonly waitMs: number }[]
  readonly requests: readonly RecordedRequest[]
  readonly sawClose: boolean
  readonly trapConnections: number
  readonly socketsOpened: number
  readonly wallMs: number
}

// How long a server may take to notice that the client went away.
const CLOSE_NOTICE_MS = 1000

export async function playCase(
  providerCase: ProviderCase,
  apiKey: string,
  createClient: CreateClient,
): Promise<Observation> {
  const trap = await startTrap()
  const server = await startFakeServer(caseScript(providerCase, trap.port))
  if (providerCase.transport === 'refuse') await server.close()
  const retries: { code: string; waitMs: number }[] = []
  let deltas = 0
  let sockets = (): number => 0
  let client: LlmClient | undefined
  const started = performance.now()
  const outcome: { result?: object; error?: unknown } = {}
  try {
    const key = textOf(providerCase.options['apiKey']) ?? apiKey
    const baseUrl =
      textOf(providerCase.options['baseUrl']) ?? server.origin + (providerCase.provider === 'ollama' ? '' : '/v1')
    const made = caseContext(providerCase, baseUrl, key)
    sockets = made.sockets
    client = createClient(providerCase, baseUrl, made.context)
    const abort = new AbortController()
    const abortAfterDeltas = countOf(providerCase.options['abortAfterDeltas'])
    const send: SendOptions = {
      signal: abort.signal,
      onEvent: () => {
        deltas += 1
        if (deltas === abortAfterDeltas) abort.abort()
      },
      onRetry: ({ code, waitMs }) => retries.push({ code, waitMs }),
    }
    const abortAfterMs = countOf(providerCase.options['abortAfterMs'])
    if (providerCase.options['abortBefore'] === true) abort.abort()
    if (abortAfterMs !== undefined) setTimeout(() => abort.abort(), abortAfterMs)
    outcome.result = await runOperation(client, providerCase.input, send)
  } catch (error) {
    outcome.error = error
  }
  const wallMs = performance.now() - started
  if (providerCase.expect['serverSeesClose'] === true) await until(() => server.sawClose)
  await client?.close()
  const observation = {
    result: outcome.result,
    error: outcome.error,
    deltas,
    retries,
    requests: server.requests,
    sawClose: server.sawClose,
    trapConnections: trap.connections,
    socketsOpened: sockets(),
    wallMs,
  }
  await server.close()
  await trap.close()
  return observation
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + CLOSE_NOTICE_MS; !condition() && performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
