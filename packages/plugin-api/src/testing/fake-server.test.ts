import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'

import { afterEach, describe, expect, test } from 'vitest'

import { startFakeServer, startTrap } from './fake-server.ts'
import type { FakeServer, Script } from './fake-server.ts'

const open: FakeServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function serve(script: Script): Promise<FakeServer> {
  const server = await startFakeServer(script)
  open.push(server)
  return server
}

/** Status, body and how the response ended, as a plain HTTP client sees them. */
function ask(origin: string, body = ''): Promise<{ status: number; text: string; error?: string }> {
  return new Promise((resolve) => {
    const request = httpRequest(
      `${origin}/path?x=1`,
      { method: 'POST', headers: { 'content-length': Buffer.byteLength(body), 'X-Case': 'A' }, agent: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', ({ message }) => resolve({ status: response.statusCode ?? 0, text, error: message }))
      },
    )
    request.on('error', ({ message }) => resolve({ status: 0, text: '', error: message }))
    request.end(body)
  })
}

describe('startFakeServer', () => {
  test('plays its script in order and records what it was sent', async () => {
    const server = await serve([
      { status: 201, body: [{ bytes: 'ab', repeat: 2 }, { bytes: Buffer.from('c') }] },
      { status: 204 },
    ])
    expect(await ask(server.origin, 'grüße')).toEqual({ status: 201, text: 'ababc' })
    expect(await ask(server.origin)).toEqual({ status: 204, text: '' })
    expect((await ask(server.origin)).status).toBe(500)
    const [first] = server.requests
    expect(first).toMatchObject({ method: 'POST', path: '/path?x=1', headers: { 'x-case': 'A' } })
    expect(Buffer.from(first?.body ?? []).toString()).toBe('grüße')
    expect(server.requests).toHaveLength(3)
  })

  test('answers by request when the script is a function', async () => {
    const server = await serve(({ body }, index) => ({
      status: 200,
      body: [{ bytes: `${index}:${Buffer.from(body).toString()}` }],
    }))
    expect((await ask(server.origin, 'x')).text).toBe('0:x')
    expect((await ask(server.origin, 'y')).text).toBe('1:y')
  })

  test.each([
    ['reset without a byte', { status: 0 }],
    ['reset in mid-answer', { status: 200, body: [{ bytes: 'ab' }], end: 'reset' }],
    ['closed in mid-answer', { status: 200, body: [{ bytes: 'ab' }], end: 'cut' }],
  ] as const)('%s', async (_, response) => {
    const server = await serve([response])
    expect((await ask(server.origin)).error).toBeDefined()
  })

  test('sees a client that goes away, and only such a client', async () => {
    const server = await serve([
      { status: 200, body: [{ bytes: 'x' }] },
      { status: 200, silent: true },
    ])
    await ask(server.origin)
    expect(server.sawClose).toBe(false)
    const { port } = new URL(server.origin)
    const socket = connect(Number(port), '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\n\r\n'))
    await expect.poll(() => server.requests.length).toBe(2)
    socket.destroy()
    await expect.poll(() => server.sawClose).toBe(true)
    await expect.poll(() => server.openSockets).toBe(0)
  })

  test('drips its head', async () => {
    const server = await serve([{ status: 200, body: [{ bytes: 'x' }], dripHeadMs: 1 }])
    const start = performance.now()
    expect((await ask(server.origin)).text).toBe('x')
    expect(performance.now() - start).toBeGreaterThan(50)
  })

  test('a request in pieces, and two on one socket', async () => {
    const server = await serve(() => ({ status: 204 }))
    const { port } = new URL(server.origin)
    const socket = connect(Number(port), '127.0.0.1')
    for (const piece of ['POST /a HTT', 'P/1.1\r\nContent-Length: 3\r\n\r', '\nabcPOST /b HTTP/1.1\r\n\r\n']) {
      socket.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await expect
      .poll(() => server.requests.map(({ path, body }) => path + Buffer.from(body).toString()))
      .toEqual(['/aabc', '/b'])
    socket.destroy()
  })
})

test('a trap counts every connection', async () => {
  const trap = await startTrap()
  expect(trap.connections).toBe(0)
  expect((await ask(`http://127.0.0.1:${trap.port}`)).status).toBe(200)
  expect(trap.connections).toBe(1)
  await trap.close()
})
