import { equal, ok } from 'node:assert/strict'

import { startTrap } from '../fake-server.ts'
import type { ScriptedResponse } from '../fake-server.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { eventually } from './eventually.ts'
import { everyForm, providerErrorOf } from './expect-error.ts'
import { hygieneCase } from './hygiene-case.ts'
import { CANARY_KEY, CANARY_PROMPT, responding, withBench } from './provider-target.ts'
import type { ProviderTarget } from './provider-target.ts'
import type { WireExample } from './target-examples.ts'

const STATUSES = [
  [400, 'invalid_request', false],
  [401, 'auth', false],
  [402, 'quota_exhausted', false],
  [403, 'permission', false],
  [404, 'endpoint_not_found', false],
  [409, 'conflict', true],
  [413, 'payload_too_large', false],
  [429, 'rate_limited', true],
  [500, 'server_error', true],
  [503, 'overloaded', true],
] as const

/** Servers that fail, lie or attack, and callers that give up. */
export function failureCases(target: ProviderTarget): readonly ConformanceCase[] {
  const failing = (status: number, message: string): ScriptedResponse => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: [{ bytes: target.errorBody(message) }],
  })
  return [
    ...STATUSES.map(([status, code, retryable]): ConformanceCase => ({
      name: `error: HTTP ${status} is ${code}`,
      run: () =>
        withBench(target, [failing(status, 'x')], async ({ chat, server }) => {
          const error = await providerErrorOf(chat())
          equal(error.code, code)
          equal(error.status, status)
          equal(error.retryable, retryable)
          equal(error.attempts, 1)
          equal(server.requests.length, 1)
        }),
    })),
    {
      name: 'error: neither key nor prompt shows in any form of an error that echoes them',
      run: () =>
        withBench(target, [failing(401, `bad key ${CANARY_KEY} for "${CANARY_PROMPT}"`)], async ({ chat }) => {
          const forms = everyForm(await providerErrorOf(chat()))
          ok(!forms.includes(CANARY_KEY), 'expected the key to be absent')
          ok(!forms.includes(CANARY_PROMPT), 'expected the prompt to be absent')
        }),
    },
    {
      name: 'error: a long error body is read in part and shown in part',
      run: () =>
        withBench(target, [failing(500, 'E'.repeat(2_000_000))], async ({ chat }) => {
          ok((await providerErrorOf(chat())).message.length < 600)
        }),
    },
    {
      name: 'retry: a retryable failure is repeated with the same bytes',
      run: () =>
        withBench(
          target,
          [failing(503, 'busy'), responding(target.answer)],
          async ({ chat, server }) => {
            const result = await chat()
            equal(result.text, target.answer.text)
            equal(result.attempts, 2)
            ok(Buffer.from(server.requests[0]?.body ?? []).equals(Buffer.from(server.requests[1]?.body ?? [])))
          },
          { maxRetries: 1 },
        ),
    },
    {
      name: 'redirect: not followed, and the key goes nowhere else',
      run: async () => {
        const trap = await startTrap()
        const redirect = { status: 307, headers: { location: `http://127.0.0.1:${trap.port}/` } }
        try {
          await withBench(target, [redirect], async ({ chat }) =>
            equal((await providerErrorOf(chat())).code, 'redirect_blocked'),
          )
          equal(trap.connections, 0)
        } finally {
          await trap.close()
        }
      },
    },
    {
      name: 'limit: an oversized answer is cut off and the socket closed',
      run: () => {
        const endless = {
          status: 200,
          headers: target.answer.headers,
          body: [{ bytes: 'x'.repeat(65_536), repeat: 1024 }],
        }
        return withBench(
          target,
          [endless],
          async ({ chat, server }) => {
            equal((await providerErrorOf(chat())).code, 'response_too_large')
            await eventually(() => server.sawClose, 'expected the server to see the socket closed')
          },
          { maxResponseBytes: 65_536 },
        )
      },
    },
    {
      name: 'abort: a signal that is aborted already lets no request out',
      run: () =>
        withBench(target, [], async ({ chat, server }) => {
          const error = await providerErrorOf(chat({ signal: AbortSignal.abort() }))
          equal(error.code, 'aborted')
          equal(error.attempts, 0)
          equal(server.connections, 0)
        }),
    },
    {
      name: 'abort: while waiting for an answer the server sees the socket closed',
      run: () =>
        withBench(target, [{ status: 200, silent: true }], async ({ chat, server }) => {
          const abort = new AbortController()
          const pending = providerErrorOf(chat({ signal: abort.signal }))
          await eventually(() => server.requests.length === 1, 'expected the request to arrive')
          abort.abort()
          equal((await pending).code, 'aborted')
          await eventually(() => server.sawClose, 'expected the server to see the socket closed')
        }),
    },
    {
      name: 'health: a server that is not there is not ready',
      run: () =>
        withBench(target, [], async ({ client, server }) => {
          await server.close()
          equal((await client.health()).ready, false)
        }),
    },
    hygieneCase(target, failing(500, 'x')),
    ...(target.stream ? brokenStreamCases(target, target.stream) : []),
  ]
}

function brokenStreamCases(target: ProviderTarget, stream: WireExample): readonly ConformanceCase[] {
  const bytes = Buffer.from(stream.body)
  return [
    {
      name: 'retry: nothing is sent again after the first text',
      run: () =>
        withBench(
          target,
          () => ({
            status: 200,
            headers: stream.headers,
            body: [{ bytes: stream.body.slice(0, -1) }, { bytes: '', delayMs: 20 }],
            end: 'cut',
          }),
          async ({ chat, server }) => {
            let deltas = 0
            await chat({ stream: true, onEvent: () => (deltas += 1) }).catch(() => {})
            ok(deltas > 0, 'expected text before the end')
            equal(server.requests.length, 1)
          },
          { maxRetries: 3 },
        ),
    },
    {
      name: 'abort: in the middle of a stream the server sees the socket closed',
      run: () => {
        const half = bytes.subarray(0, Math.ceil(bytes.length / 2))
        return withBench(
          target,
          [{ status: 200, headers: stream.headers, body: [{ bytes: half }], end: 'hang' }],
          async ({ chat, server }) => {
            const abort = new AbortController()
            const pending = providerErrorOf(chat({ stream: true, signal: abort.signal }))
            await eventually(() => server.requests.length === 1, 'expected the request to arrive')
            abort.abort()
            equal((await pending).code, 'aborted')
            await eventually(() => server.sawClose, 'expected the server to see the socket closed')
          },
        )
      },
    },
  ]
}
