import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

import { afterEach, expect, test } from 'vitest'

import { createTestContext, type TestContext } from '../testing/test-context.ts'

const ANSWER = 'HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** Promises to keep its connections; `afterAnswer` says whether it does. */
async function startServer(afterAnswer: (socket: Socket) => void) {
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', () => socket.write(ANSWER, () => afterAnswer(socket)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const context = createTestContext({ baseUrl: `http://127.0.0.1:${port}` })
  cleanups.push(
    () => server.close(),
    () => sockets.forEach((socket) => socket.destroy()),
    () => context.egress.close(),
  )
  return { context, url: `http://127.0.0.1:${port}/`, connections: () => connections }
}

async function stream(context: TestContext, url: string): Promise<string> {
  const { body } = await context.egress.request({ method: 'POST', url, headers: {}, streaming: true })
  let text = ''
  for await (const chunk of body) text += Buffer.from(chunk).toString()
  return text
}

test('a server that kept one connection through another exchange is asked to keep the next ones', async () => {
  const { context, url, connections } = await startServer(() => {})
  for (let call = 0; call < 5; call += 1) expect(await stream(context, url)).toBe('hello')
  const opened = connections()
  expect(opened).toBeGreaterThan(2)
  for (let call = 0; call < 10; call += 1) expect(await stream(context, url)).toBe('hello')
  expect(connections()).toBe(opened)
})

test.each<[string, (socket: Socket) => void]>([
  ['hangs up', (socket) => socket.end()],
  ['resets the connection', (socket) => socket.resetAndDestroy()],
  ['hangs up a moment later', (socket) => setImmediate(() => socket.end())],
])('no request is lost at a server that %s after a stream, and each gets a connection of its own', async (_, end) => {
  const { context, url, connections } = await startServer(end)
  for (let call = 1; call <= 20; call += 1) {
    expect(await stream(context, url)).toBe('hello')
    expect(connections()).toBe(call)
  }
})

test('streams under way at once get connections of their own until one was kept', async () => {
  const { context, url, connections } = await startServer(() => {})
  expect(await Promise.all([1, 2, 3].map(() => stream(context, url)))).toEqual(['hello', 'hello', 'hello'])
  expect(connections()).toBe(3)
})

test('an answer that was left early tells nothing', async () => {
  const { context, url } = await startServer(() => {})
  for (let call = 0; call < 3; call += 1) {
    const { body } = await context.egress.request({ method: 'POST', url, headers: {}, streaming: true })
    for await (const _ of body) break
  }
  expect(await stream(context, url)).toBe('hello')
})
