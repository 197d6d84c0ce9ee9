import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'

import type { EgressRequest } from '@ctxlock/contracts/plugin'
import { providerErrorOf, startFakeServer, startTrap } from '@ctxlock/plugin-api/testing'
import type { Script } from '@ctxlock/plugin-api/testing'
import { afterEach, describe, expect, test } from 'vitest'

import { createTestContext } from '../testing/test-context.ts'
import type { TestContext } from '../testing/test-context.ts'
import type { Lookup } from './checked-connector.ts'
import { createEgress } from './egress.ts'
import type { EgressOptions } from './egress.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function connected(script: Script, egress: Partial<EgressOptions> = {}) {
  const server = await startFakeServer(script)
  const context = createTestContext({ baseUrl: server.origin, egress })
  cleanups.push(server.close, () => context.egress.close())
  return { server, context }
}

function get(context: TestContext, origin: string, changes: Partial<EgressRequest> = {}) {
  return context.egress.request({ method: 'GET', url: `${origin}/`, headers: {}, streaming: false, ...changes })
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const OK = { status: 200, headers: { 'content-type': 'text/plain' }, body: [{ bytes: 'hello' }] }

describe('createEgress: requests', () => {
  test('sends exactly the given bytes and headers, asks for no compression, and reads the answer', async () => {
    const { server, context } = await connected([OK])
    const body = Buffer.from('{"é":1}')
    const response = await get(context, server.origin, { method: 'POST', body, headers: { authorization: 'Bearer k' } })
    expect(response.status).toBe(200)
    expect(response.headers['content-type']).toBe('text/plain')
    expect(await textOf(response.body)).toBe('hello')
    expect(Buffer.from(server.requests[0]?.body ?? []).equals(body)).toBe(true)
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer k', 'accept-encoding': 'identity' })
    expect(context.pendingTimers).toBe(0)
  })

  test.each([
    ['gzip', gzipSync('unpacked')],
    ['deflate', deflateSync('unpacked')],
    ['br', brotliCompressSync('unpacked')],
    ['identity', Buffer.from('unpacked')],
  ])('reads %s although it was not asked for', async (encoding, bytes) => {
    const { server, context } = await connected([
      { status: 200, headers: { 'content-encoding': encoding }, body: [{ bytes }] },
    ])
    expect(await textOf((await get(context, server.origin)).body)).toBe('unpacked')
  })

  test.each([
    ['damaged', 'gzip', Buffer.from('no gzip')],
    ['cut off', 'gzip', gzipSync('unpacked').subarray(0, 12)],
  ])('%s compression is a protocol error', async (_, encoding, bytes) => {
    const { server, context } = await connected([
      { status: 200, headers: { 'content-encoding': encoding }, body: [{ bytes }] },
    ])
    const { body } = await get(context, server.origin)
    expect((await providerErrorOf(textOf(body))).code).toBe('protocol')
  })

  test('an unknown encoding is a protocol error and leaves no socket', async () => {
    const { server, context } = await connected([{ ...OK, headers: { 'content-encoding': 'zstd' }, end: 'hang' }])
    expect((await providerErrorOf(get(context, server.origin))).code).toBe('protocol')
    await expect.poll(() => server.sawClose).toBe(true)
    expect(context.pendingTimers).toBe(0)
  })

  test('the limit counts decoded bytes', async () => {
    const bomb = gzipSync(Buffer.alloc(4 * 1024 * 1024))
    const { server, context } = await connected([
      { status: 200, headers: { 'content-encoding': 'gzip' }, body: [{ bytes: bomb }] },
    ])
    const { body } = await get(context, server.origin, { maxResponseBytes: 65_536 })
    expect((await providerErrorOf(textOf(body))).code).toBe('response_too_large')
  })

  test('an answer that is no HTTP is a protocol error whose cause holds none of its bytes', async () => {
    const raw = createServer((socket) =>
      socket.on('data', () => socket.end('SECRET-BYTES of another protocol\r\n\r\n')),
    )
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve))
    cleanups.push(() => new Promise((resolve) => raw.close(() => resolve())))
    const { port } = raw.address() as AddressInfo
    const context = createTestContext({ baseUrl: `http://127.0.0.1:${port}` })
    cleanups.push(() => context.egress.close())
    const error = await providerErrorOf(get(context, `http://127.0.0.1:${port}`))
    expect(error.code).toBe('protocol')
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('SECRET-BYTES')
  })

  test('a header that would carry another one is a configuration error', async () => {
    const { server, context } = await connected([])
    const error = await providerErrorOf(get(context, server.origin, { headers: { authorization: 'Bearer a\r\nx: y' } }))
    expect(error.code).toBe('invalid_config')
    expect(server.connections).toBe(0)
  })

  test('proxy variables of the environment are ignored', async () => {
    const trap = await startTrap()
    cleanups.push(trap.close)
    const names = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'] as const
    const before = names.map((name) => process.env[name])
    for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : `http://127.0.0.1:${trap.port}`
    try {
      const { server, context } = await connected([OK])
      expect(await textOf((await get(context, server.origin)).body)).toBe('hello')
      expect(trap.connections).toBe(0)
    } finally {
      names.forEach((name, index) => {
        if (before[index] === undefined) delete process.env[name]
        else process.env[name] = before[index]
      })
    }
  })
})

describe('createEgress: where it may go (T-X-PROV-03)', () => {
  const hosted = (lookup: Lookup, port: number) => {
    const context = createTestContext({ baseUrl: `http://localhost:${port}`, egress: { lookup } })
    cleanups.push(() => context.egress.close())
    return context
  }

  test.each([
    ['a private address', ['10.0.0.5']],
    ['one private address among loopback ones', ['127.0.0.1', '192.168.0.9']],
    ['a metadata address', ['169.254.169.254']],
    ['a public address, which would skip consent', ['8.8.8.8']],
    ['the unspecified address', ['0.0.0.0']],
    ['an IPv4-mapped private address', ['::ffff:10.0.0.1']],
    ['nothing an address can be', ['localhost']],
  ])('a loopback name that resolves to %s is refused before a socket is opened', async (_, answers) => {
    let dialled = 0
    const dial = () => {
      dialled += 1
      return Promise.reject(new Error('no socket in this test'))
    }
    const context = createTestContext({
      baseUrl: 'http://localhost:8080',
      egress: { lookup: () => Promise.resolve(answers), dial },
    })
    const error = await providerErrorOf(get(context, 'http://localhost:8080'))
    expect(error.code).toBe('ssrf_blocked')
    expect(error.attempts).toBe(0)
    expect(dialled).toBe(0)
  })

  test('connects to the address it checked, whatever the name resolves to next', async () => {
    const trap = await startTrap()
    cleanups.push(trap.close)
    const server = await startFakeServer([OK])
    cleanups.push(server.close)
    const { port } = new URL(server.origin)
    let asked = 0
    const context = hosted(() => Promise.resolve(asked++ === 0 ? ['127.0.0.1'] : ['10.0.0.1']), Number(port))
    expect(await textOf((await get(context, `http://localhost:${port}`)).body)).toBe('hello')
    expect(asked).toBe(1)
    expect((await providerErrorOf(get(context, `http://localhost:${port}`))).code).toBe('ssrf_blocked')
    expect(server.connections).toBe(1)
    expect(trap.connections).toBe(0)
  })

  test('tries the next checked address when the first does not answer', async () => {
    const server = await startFakeServer([OK])
    cleanups.push(server.close)
    const { port } = new URL(server.origin)
    // The fake server listens on IPv4 only.
    const context = hosted(() => Promise.resolve(['::1', '127.0.0.1']), Number(port))
    expect(await textOf((await get(context, `http://localhost:${port}`)).body)).toBe('hello')
  })

  test('a request for another origin is refused, and the key with it', async () => {
    const trap = await startTrap()
    cleanups.push(trap.close)
    const { context, server } = await connected([])
    for (const url of [`http://127.0.0.1:${trap.port}/`, `${server.origin}@127.0.0.1:${trap.port}/`, 'nonsense']) {
      const error = await providerErrorOf(
        context.egress.request({ method: 'GET', url, headers: { authorization: 'Bearer k' }, streaming: false }),
      )
      expect(error.code).toBe('ssrf_blocked')
    }
    expect(trap.connections).toBe(0)
  })

  test.each([301, 302, 303, 307, 308, 300])('HTTP %i is not followed', async (status) => {
    const trap = await startTrap()
    cleanups.push(trap.close)
    const { context, server } = await connected([{ status, headers: { location: `http://127.0.0.1:${trap.port}/` } }])
    const error = await providerErrorOf(get(context, server.origin))
    expect(error).toMatchObject({ code: 'redirect_blocked', status })
    expect(trap.connections).toBe(0)
    expect(context.pendingTimers).toBe(0)
  })

  test('a public name that resolves to loopback reaches nothing, not even with its port allowed', async () => {
    const trap = await startTrap()
    cleanups.push(trap.close)
    const { timers } = createTestContext({ baseUrl: 'http://127.0.0.1:8080' })
    const network = { allow_private_hosts: [], allow_ports: [trap.port], redirects: 'deny' as const }
    const base_url = `https://rebind.example.org:${trap.port}`
    const egress = createEgress(
      { base_url, declared_tier: 'cloud', network },
      { timers, lookup: () => Promise.resolve(['127.0.0.1']) },
    )
    cleanups.push(() => egress.close())
    const error = await providerErrorOf(
      egress.request({ method: 'GET', url: `${base_url}/`, headers: {}, streaming: false }),
    )
    expect(error).toMatchObject({ code: 'ssrf_blocked', reason: 'address', attempts: 0 })
    expect(trap.connections).toBe(0)
  })

  test('the use of an exception is reported before the connection is made', async () => {
    const used: string[] = []
    const { timers } = createTestContext({ baseUrl: 'http://127.0.0.1:8080' })
    const network = { allow_private_hosts: ['192.168.1.20:11434'], allow_ports: [], redirects: 'deny' as const }
    const egress = createEgress(
      { base_url: 'http://192.168.1.20:11434', declared_tier: 'local', network },
      {
        timers,
        onException: ({ hostAndPort }) => used.push(hostAndPort),
        dial: ({ addresses }) => {
          expect(used).toEqual(['192.168.1.20:11434'])
          expect(addresses).toEqual(['192.168.1.20'])
          return Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
        },
      },
    )
    const error = await providerErrorOf(
      egress.request({ method: 'GET', url: 'http://192.168.1.20:11434/', headers: {}, streaming: false }),
    )
    expect(error).toMatchObject({ code: 'network', reason: 'ECONNREFUSED' })
    await egress.close()
  })
})

describe('createEgress: time and hygiene', () => {
  test.each([
    ['first_byte', { first_byte_ms: 60 }, { status: 200, silent: true }],
    ['first_byte', { first_byte_ms: 120 }, { ...OK, dripHeadMs: 20 }],
    ['idle', { idle_ms: 60 }, { ...OK, end: 'hang' }],
    ['total', { idle_ms: 500, total_ms: 150 }, { ...OK, body: [{ bytes: 'x', repeat: 100, delayMs: 20 }] }],
  ] as const)('%s times out, the server sees the close, no timer stays', async (phase, timeouts, response) => {
    const { server, context } = await connected([response])
    const error = await providerErrorOf(get(context, server.origin, { timeouts }).then(({ body }) => textOf(body)))
    expect(error).toMatchObject({ code: 'timeout', phase, retryable: false })
    await expect.poll(() => server.sawClose).toBe(true)
    expect(context.pendingTimers).toBe(0)
  })

  test('a connection that never comes up times out at once, is given up, and may be tried again', async () => {
    let given = 0
    const dial: EgressOptions['dial'] = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          given += 1
          reject(new Error('given up'))
        })
      })
    const context = createTestContext({ baseUrl: 'http://127.0.0.1:9999', egress: { dial } })
    const error = await providerErrorOf(get(context, 'http://127.0.0.1:9999', { timeouts: { connect_ms: 40 } }))
    expect(error).toMatchObject({ code: 'timeout', phase: 'connect', retryable: true })
    expect(given).toBe(1)
    expect(context.pendingTimers).toBe(0)
    await context.egress.close()
  })

  test('an abort while connecting is noticed at once and gives the attempt up', async () => {
    let given = 0
    const dial: EgressOptions['dial'] = ({ signal }) =>
      new Promise(() => signal.addEventListener('abort', () => (given += 1)))
    const context = createTestContext({ baseUrl: 'http://127.0.0.1:9999', egress: { dial } })
    const abort = new AbortController()
    const pending = providerErrorOf(get(context, 'http://127.0.0.1:9999', { signal: abort.signal }))
    setTimeout(() => abort.abort(), 20)
    expect((await pending).code).toBe('aborted')
    expect(given).toBe(1)
    await context.egress.close()
  })

  test('a name look-up that fails is a network error', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }))
    const context = createTestContext({ baseUrl: 'http://localhost:8080', egress: { lookup } })
    expect(await providerErrorOf(get(context, 'http://localhost:8080'))).toMatchObject({
      code: 'network',
      reason: 'ENOTFOUND',
      retryable: true,
    })
    await context.egress.close()
  })

  test('an answer that is left early closes its socket', async () => {
    const { server, context } = await connected([{ ...OK, body: [{ bytes: 'x' }], end: 'hang' }])
    for await (const _ of (await get(context, server.origin)).body) break
    await expect.poll(() => server.sawClose).toBe(true)
    expect(context.pendingTimers).toBe(0)
  })

  test.each([
    ['reset', {}, 'reset'],
    ['closed', {}, 'cut'],
    ['reset before the promised length', { 'content-length': '100' }, 'reset'],
    ['closed before the promised length', { 'content-length': '100' }, 'cut'],
  ] as const)('a socket that is %s in mid-answer is a network error', async (_, headers, end) => {
    const { server, context } = await connected([{ ...OK, headers, end }])
    const error = await providerErrorOf(get(context, server.origin).then(({ body }) => textOf(body)))
    expect(error).toMatchObject({ code: 'network', retryable: true })
  })

  test('a connection that is reset before any answer is a network error', async () => {
    const { server, context } = await connected([{ status: 0 }])
    expect(await providerErrorOf(get(context, server.origin))).toMatchObject({ code: 'network', retryable: true })
  })
})
