import { deepEqual, equal, ok } from 'node:assert/strict'

import type { ChatRequest, ResponseFormat, ToolSpecification } from '@ctxlock/contracts/provider'

import type { ConformanceCase } from './conformance-case.ts'
import { providerErrorOf } from './expect-error.ts'
import { chatRequest, responding, withBench } from './provider-target.ts'
import type { Bench, ProviderTarget } from './provider-target.ts'
import type { WireExample } from './target-examples.ts'

const LOOK: ToolSpecification = {
  name: 'look_around',
  description: 'Looks around.',
  parameters: {
    type: 'object',
    properties: { far: { type: 'boolean' } },
    required: ['far'],
    additionalProperties: false,
  },
}

const FORMAT: ResponseFormat = {
  type: 'json_schema',
  name: 'verdict',
  schema: { type: 'object', properties: { right: { type: 'boolean' } }, required: ['right'] },
}

/** Calls and JSON answers are judged here, whatever the server promised: what is returned fits its schema. */
export function toolCases(target: ProviderTarget): readonly ConformanceCase[] {
  return [
    ...(target.calls ? callCases(target, target.calls) : []),
    ...(target.says ? schemaCases(target, target.says) : []),
  ]
}

function callCases(target: ProviderTarget, calls: NonNullable<ProviderTarget['calls']>): readonly ConformanceCase[] {
  const offering = (body: string, use: (bench: Bench, send: () => Promise<unknown>) => Promise<void>) =>
    answering(target, body, { tools: [LOOK], toolChoice: 'required' }, use)
  const refused = (what: string, call: { readonly name: string; readonly arguments: object }): ConformanceCase => ({
    name: `tools: ${what} is refused`,
    run: () =>
      offering(calls(call), async (_, send) => equal((await providerErrorOf(send())).code, 'tool_call_invalid')),
  })
  return [
    {
      name: 'tools: the tools that are offered leave with the request, and a call comes back parsed',
      run: () =>
        answering(
          target,
          calls({ name: LOOK.name, arguments: { far: true } }),
          { tools: [LOOK] },
          async (bench, send) => {
            const { toolCalls, finishReason } = await send()
            deepEqual(
              toolCalls.map(({ name, arguments: args }) => ({ name, args })),
              [{ name: LOOK.name, args: { far: true } }],
            )
            ok(
              toolCalls.every(({ id }) => id !== ''),
              'expected every call to have an id',
            )
            equal(finishReason, 'tool_calls')
            const body = Buffer.from(bench.server.requests[0]?.body ?? []).toString('utf8')
            for (const text of [LOOK.name, 'Looks around.', 'far'])
              ok(body.includes(text), `expected ${text} in the request`)
          },
        ),
    },
    ...(target.stream ? [streamedCallCase(target, target.stream)] : []),
    refused('a call whose arguments break the schema', { name: LOOK.name, arguments: { far: 'yes' } }),
    refused('a call of a tool that was not offered', { name: 'run_shell', arguments: { far: true } }),
    {
      name: 'tools: a demanded call that does not come is an error',
      run: () =>
        offering(target.answer.body, async (_, send) =>
          equal((await providerErrorOf(send())).code, 'tool_choice_not_honoured'),
        ),
    },
  ]
}

function streamedCallCase(target: ProviderTarget, { headers }: WireExample): ConformanceCase {
  const { streamedCalls } = target
  return {
    name: 'tools: a call that comes in a stream is put together',
    run: async () => {
      ok(streamedCalls, 'expected streamedCalls, since stream and tools are declared')
      const call = { name: LOOK.name, arguments: { far: true } }
      const body = [{ bytes: streamedCalls.call(target, call) }]
      await withBench(target, [{ status: 200, headers, body }], async ({ client }) => {
        const { toolCalls, finishReason } = await client
          .prepareChat({ ...chatRequest(target, true), tools: [LOOK] })
          .send()
        deepEqual(
          toolCalls.map(({ name, arguments: args }) => ({ name, arguments: args })),
          [call],
        )
        equal(finishReason, 'tool_calls')
      })
    },
  }
}

function schemaCases(target: ProviderTarget, says: NonNullable<ProviderTarget['says']>): readonly ConformanceCase[] {
  const refused = (what: string, text: string): ConformanceCase => ({
    name: `json_schema: ${what} is refused`,
    run: () =>
      answering(target, says(text), { responseFormat: FORMAT }, async (_, send) =>
        equal((await providerErrorOf(send())).code, 'output_invalid'),
      ),
  })
  return [
    {
      name: 'json_schema: the schema leaves with the request, and JSON that fits is returned parsed',
      run: () =>
        answering(target, says('{"right":true}'), { responseFormat: FORMAT }, async ({ server }, send) => {
          deepEqual((await send()).json, { right: true })
          const body = Buffer.from(server.requests[0]?.body ?? []).toString('utf8')
          ok(body.includes('right'), 'expected the schema in the request')
        }),
    },
    refused('JSON that breaks the schema', '{"right":"yes"}'),
    refused('something that is not JSON', 'right, I think'),
  ]
}

function answering(
  target: ProviderTarget,
  body: string,
  asked: Partial<ChatRequest>,
  use: (bench: Bench, send: ReturnType<Bench['client']['prepareChat']>['send']) => Promise<void>,
): Promise<void> {
  return withBench(target, [responding({ ...target.answer, body })], (bench) => {
    const call = bench.client.prepareChat({ ...chatRequest(target, false), ...asked })
    return use(bench, (options) => call.send(options))
  })
}
