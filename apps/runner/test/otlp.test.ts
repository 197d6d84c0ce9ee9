// The log as telemetry: sent to receivers that are processes of their own, that fail, and while the sender is killed.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'

import { startFakeServer, type Script } from '@ctxlock/plugin-api/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { openStoredSession } from '../src/session/stored-session.ts'
import { openCollector } from '../src/telemetry/collector.ts'
import { CONVENTIONS, findConvention } from '../src/telemetry/conventions.ts'
import { openExportCursor } from '../src/telemetry/export-cursor.ts'
import { exportLog } from '../src/telemetry/export-log.ts'
import { serverConfig, startChatServer } from './support/chat-server.ts'
import { closedPort } from './support/closed-port.ts'
import { Json } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { decodeSpans, type DecodedSpan } from './support/otlp-requests.ts'
import { makeWorkspace, SMALL_WORKSPACE, temporaryFolder } from './support/workspace.ts'

const QUESTION = 'How is the checksum of a box computed?'
const MAIN = join(import.meta.dirname, '../src/main.ts')
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function asked(): Promise<string> {
  const root = makeWorkspace(SMALL_WORKSPACE)
  expect((await ctxlockHere(['ask', QUESTION], root)).code).toBe(0)
  return root
}

async function serving(script: Script) {
  const server = await startFakeServer(script)
  cleanups.push(server.close)
  return { server, spans: () => server.requests.flatMap(({ body }) => decodeSpans(body)) }
}

const TAKEN = { status: 200, headers: { 'content-type': 'application/x-protobuf', 'content-length': '0' } }
const idsOf = (spans: readonly DecodedSpan[]) => new Set(spans.map(({ spanId }) => spanId))
const send = (root: string, endpoint: string, ...more: string[]) =>
  ctxlockHere(['export', 'otlp', '--endpoint', endpoint, ...more], root)

describe('a receiver', () => {
  test('in a process of its own reads a run as one trace of spans, and no word of it', async () => {
    const root = await asked()
    const receiver = spawn(process.execPath, [join(import.meta.dirname, 'support/otlp-receiver.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    cleanups.push(() => receiver.kill())
    const lines = createInterface(receiver.stdout)[Symbol.asyncIterator]()
    const port = new Json(JSON.parse(String((await lines.next()).value))).at('port').raw
    expect((await send(root, `http://127.0.0.1:${String(port)}`)).code).toBe(0)
    const text = String((await lines.next()).value)
    const spans = new Json(JSON.parse(text)).at('spans').items
    const named = (name: RegExp) => spans.find((span) => name.test(span.at('name').text))

    const [run, call] = [named(/^invoke_workflow$/), named(/^chat extractive$/)]
    expect(call?.at('kind').raw).toBe(3)
    expect(call?.at('parentSpanId').text).toBe(run?.at('spanId').text)
    expect(new Set(spans.map((span) => span.at('traceId').text)).size).toBe(1)
    expect(call?.at('attributes', 'gen_ai.operation.name').text).toBe('chat')
    const times = ['startTimeUnixNano', 'endTimeUnixNano'].map((name) => BigInt(run?.at(name).text ?? 0))
    expect(times[1]).toBeGreaterThan(times[0] ?? 0n)
    expect(text).not.toMatch(/checksum|src\/|\.ts"/i)
  })

  test('gets each event once, and everything again with the same ids where that is asked for', async () => {
    const root = await asked()
    const { server, spans } = await serving(() => TAKEN)
    expect((await send(root, server.origin)).code).toBe(0)
    const first = spans()
    expect((await send(root, server.origin)).stdout).toContain('sent       0 spans')
    expect(spans()).toHaveLength(first.length)
    expect((await ctxlockHere(['ask', QUESTION], root)).code).toBe(0)
    await send(root, server.origin)
    expect(idsOf(spans()).size).toBe(2 * first.length)
    await send(root, server.origin, '--from-start')
    expect(spans()).toHaveLength(4 * first.length)
    expect(idsOf(spans()).size).toBe(2 * first.length)
    await send(root, server.origin, '--convention', 'openinference@2.12.0')
    expect(spans().at(-1)?.attributes['openinference.span.kind']).toBe('CHAIN')
  })

  test('is told no number of tokens where nobody counted them', async () => {
    const failing = await startChatServer({ status: 500 })
    vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-otlp-0123456789')
    const root = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': serverConfig(failing.url) })
    expect((await ctxlockHere(['ask', QUESTION], root)).code).toBe(5)
    const { server, spans } = await serving(() => TAKEN)
    for (const { id } of CONVENTIONS) expect((await send(root, server.origin, '--convention', id)).code).toBe(0)
    const calls = spans().filter(({ name }) => /^(?:chat|llm) /.test(name))
    expect(calls).toHaveLength(2)
    expect(calls.flatMap(({ attributes }) => Object.keys(attributes)).filter((name) => /token/.test(name))).toEqual([])
  })

  test('gets the headers of the environment, and is asked nowhere but where the person says', async () => {
    const root = await asked()
    const { server } = await serving(() => TAKEN)
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', server.origin)
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'Authorization=Basic%20abc, x-team = a')
    expect((await ctxlockHere(['export', 'otlp'], root)).code).toBe(0)
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Basic abc', 'x-team': 'a' })
    for (const endpoint of ['http://169.254.169.254:4318', 'http://10.0.0.1:4318', 'http://example.com:4318', 'no url'])
      expect(await send(root, endpoint)).toMatchObject({
        code: 2,
        error: { code: 'OTLP_NOT_TAKEN', hint: expect.stringContaining('--allow-private-host') },
      })
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'no header')
    expect(await send(root, server.origin)).toMatchObject({ code: 2, error: { code: 'OTLP_HEADERS_INVALID' } })
  })
})

describe('a collector that fails', () => {
  test('and asks to wait is asked again, and gets the same spans', async () => {
    const root = await asked()
    const busy = { status: 429, headers: { 'retry-after-ms': '5', 'content-length': '0' } }
    const { server, spans } = await serving([busy, { ...busy, status: 503 }, TAKEN])
    expect((await send(root, server.origin)).code).toBe(0)
    expect(server.requests).toHaveLength(3)
    expect(spans()).toHaveLength(3 * idsOf(spans()).size)
  })

  test('for good ends the export; nothing is lost, and the next one goes on', async () => {
    const root = await asked()
    const { server, spans } = await serving([{ ...TAKEN, status: 403 }, TAKEN])
    expect(await send(root, server.origin)).toMatchObject({ code: 5, error: { code: 'OTLP_NOT_TAKEN' } })
    expect(server.requests).toHaveLength(1)
    expect((await send(root, server.origin)).code).toBe(0)
    expect(spans()).toHaveLength(2 * idsOf(spans()).size)
  })

  test('at one span each time gets everything else, and that span is named and left out', async () => {
    const root = await asked()
    const isBad = ({ name }: DecodedSpan) => name === 'chat extractive'
    const { server, spans } = await serving(({ body }) =>
      decodeSpans(body).some(isBad) ? { ...TAKEN, status: 400 } : TAKEN,
    )
    const everything = await serving(() => TAKEN)
    await send(root, everything.server.origin)
    const exported = await send(root, server.origin, '--json')
    const { sent, refused, ok } = JSON.parse(exported.stdout)
    const all = everything.spans()
    expect([exported.code, ok, sent, refused]).toEqual([9, false, all.length - 1, [expect.any(Number)]])
    expect(idsOf(spans())).toEqual(idsOf(all))
    expect((await send(root, server.origin)).stdout).toContain('sent       0 spans')
    expect((await ctxlockHere(['ask', QUESTION], root)).code).toBe(0)
    const again = await send(root, server.origin)
    expect([again.code, again.stdout]).toEqual([
      9,
      expect.stringMatching(/refused {4}1 span as bad data: of event \d+\n/),
    ])
  })

  test('at whatever it gets is no collector, and took nothing', async () => {
    const root = await asked()
    const bad = { ...TAKEN, status: 400 }
    const { server } = await serving(() => bad)
    expect(await send(root, server.origin)).toMatchObject({ code: 5, error: { code: 'OTLP_NOT_TAKEN' } })
    const stored = openStoredSession(root, process.env)
    cleanups.push(stored.close)
    expect(openExportCursor(stored.state.database, `${server.origin}/v1/traces`, 'otel-genai@1.41.1').read()).toBe(0)
  })

  test('because it is none, but serves web pages, took nothing', async () => {
    const root = await asked()
    const page = { status: 200, headers: { 'content-type': 'text/html; charset=utf-8', 'content-length': '0' } }
    const { server } = await serving([page, TAKEN])
    expect(await send(root, server.origin)).toMatchObject({ code: 5, error: { code: 'OTLP_NOT_TAKEN' } })
    expect((await send(root, server.origin)).stdout).not.toContain('sent       0 spans')
  })

  test('to take some spans is told of, and they are not sent again', async () => {
    const root = await asked()
    // ExportTraceServiceResponse { partial_success { rejected_spans: 2 } }
    const partly = { ...TAKEN, headers: { 'content-length': '4' }, body: [{ bytes: Uint8Array.of(0x0a, 2, 0x08, 2) }] }
    const { server } = await serving([partly])
    const { code, stdout } = await send(root, server.origin, '--json')
    expect([code, new Json(JSON.parse(stdout)).at('rejected').raw]).toEqual([9, 2])
    expect((await send(root, server.origin)).stdout).toContain('sent       0 spans')
  })

  test('after some batches leaves the cursor behind the last one it took', async () => {
    const root = await asked()
    const { server, spans } = await serving((_, index) => (index === 1 ? { ...TAKEN, status: 403 } : TAKEN))
    const stored = openStoredSession(root, process.env)
    const collector = openCollector({ endpoint: server.origin, allowPrivateHosts: [], headers: '' })
    cleanups.push(
      () => stored.close(),
      () => collector.egress.close(),
    )
    const oneByOne = () => exportLog(stored, findConvention('otel-genai@1.41.1'), collector, { batch: 1 })
    await expect(oneByOne()).rejects.toThrow('HTTP 403')
    await oneByOne()
    const [first, refused, again, ...rest] = spans()
    expect(again).toEqual(refused)
    const run = rest.at(-1)
    expect(run?.name).toBe('invoke_workflow')
    expect(idsOf(spans()).size).toBe(2 + rest.length)
    expect(first?.parentSpanId).toBe(run?.spanId)
  })
})

test('an export that is killed goes on with the same spans', async () => {
  const root = await asked()
  const { server, spans } = await serving((_, index) => (index === 0 ? { status: 200, silent: true } : TAKEN))
  const sender = spawn(process.execPath, [MAIN, 'export', 'otlp', '--endpoint', server.origin, '--workspace', root])
  while (server.requests.length === 0) await pause(5)
  sender.kill('SIGKILL')
  await once(sender, 'exit')
  const killed = spans()
  expect((await send(root, server.origin)).code).toBe(0)
  expect(spans().slice(killed.length)).toEqual(killed)
})

/** Collectors of other people's making, each told to take OTLP over HTTP and to print what it took. */
const COLLECTORS = [
  {
    program: 'otelcol',
    args: (folder: string, port: string) => {
      const config = {
        receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
        exporters: { debug: { verbosity: 'detailed' } },
        service: {
          pipelines: { traces: { receivers: ['otlp'], exporters: ['debug'] } },
          telemetry: { metrics: { level: 'none' } },
        },
      }
      writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
      return ['--config', join(folder, 'config.json')]
    },
  },
  {
    program: 'fluent-bit',
    args: (_: string, port: string) =>
      `--input=opentelemetry --prop=listen=127.0.0.1 --prop=port=${port} --output=stdout --match=* --flush=1 --quiet`.split(
        ' ',
      ),
  },
]
const INSTALLED = COLLECTORS.map((one) => ({
  ...one,
  isMissing: spawnSync(one.program, ['--version']).error !== undefined,
}))
for (const { program, args, isMissing } of INSTALLED) {
  describe.skipIf(isMissing)(`${program}${isMissing ? ' (not installed)' : ''}`, () => {
    test.each(CONVENTIONS.map(({ id }) => id))('takes what is sent as %s, and reads every span', async (convention) => {
      const root = await asked()
      const { server, spans } = await serving(() => TAKEN)
      expect((await send(root, server.origin, '--convention', convention)).code).toBe(0)

      const endpoint = await closedPort()
      const collector = spawn(program, args(temporaryFolder(), new URL(endpoint).port), {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      cleanups.push(() => collector.kill())
      let printed = ''
      for (const stream of [collector.stdout, collector.stderr]) stream.on('data', (text) => (printed += String(text)))
      const sent = () => send(root, endpoint, '--convention', convention)
      await expect.poll(() => sent().then(({ code }) => code), { timeout: 20_000 }).toBe(0)
      await expect.poll(() => printed, { timeout: 10_000 }).toContain(spans().at(-1)?.spanId)
      for (const { name, traceId, spanId, attributes } of spans()) {
        const words = Object.entries(attributes).flatMap(([key, value]) => [key, String(value)])
        for (const word of [name, traceId, spanId, ...words]) expect(printed).toContain(word)
      }
      expect(printed).not.toMatch(/checksum|src\/|\.ts"/i)
    })
  })
}
