import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

import { createRequestParser } from './request-parser.ts'
import type { RecordedRequest } from './request-parser.ts'

/** One response as raw bytes over time. */
export interface ScriptedResponse {
  /** 0 sends no byte and resets the connection. */
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: readonly ScriptedBytes[]
  /** Sends the status line and the headers one byte at a time, with this pause. */
  readonly dripHeadMs?: number
  /** Sends nothing at all, and keeps the connection open. */
  readonly silent?: boolean
  /** What happens after the last byte: a clean end, a TCP reset, a closed socket in mid-answer, or nothing. */
  readonly end?: 'close' | 'reset' | 'cut' | 'hang'
}

export interface ScriptedBytes {
  readonly bytes: Uint8Array | string
  /** Milliseconds before each time it is sent. */
  readonly delayMs?: number
  /** How often it is sent; 1 when absent. */
  readonly repeat?: number
}

export type Script = readonly ScriptedResponse[] | ((request: RecordedRequest, index: number) => ScriptedResponse)

export interface FakeServer {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string
  readonly requests: readonly RecordedRequest[]
  /** Connections accepted so far. */
  readonly connections: number
  readonly openSockets: number
  /** True when a client closed its socket before the script had ended. */
  readonly sawClose: boolean
  readonly close: () => Promise<void>
}

/**
 * A server on an ephemeral loopback port that answers the n-th request with the n-th response of its script, byte for
 * byte as scripted. It speaks TCP itself, so that it can be as wrong as real servers are. A request beyond the script
 * gets HTTP 500.
 */
export async function startFakeServer(script: Script): Promise<FakeServer> {
  const requests: RecordedRequest[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  let sawClose = false
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    const parser = createRequestParser((request) => {
      const index = requests.push(request) - 1
      const response = typeof script === 'function' ? script(request, index) : script[index]
      void play(socket, response ?? UNPLANNED).then((finished) => {
        sawClose ||= !finished
      })
    })
    socket.on('data', parser)
  })
  const port = await listen(server)
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections
    },
    get openSockets() {
      return sockets.size
    },
    get sawClose() {
      return sawClose
    },
    close: () => closeServer(server, sockets),
  }
}

const UNPLANNED: ScriptedResponse = {
  status: 500,
  headers: { 'content-type': 'application/json' },
  body: [{ bytes: '{"error":{"message":"the script has no response for this request"}}' }],
}

/** Plays one response; false when the client went away before its end. */
async function play(socket: Socket, response: ScriptedResponse): Promise<boolean> {
  const { status, headers = {}, body = [], end = 'close' } = response
  if (response.silent) return untilGone(socket)
  if (status === 0) {
    socket.resetAndDestroy()
    return true
  }
  const hasLength = Object.keys(headers).some((name) => name.toLowerCase() === 'content-length')
  const chunked = !hasLength && status !== 204
  const lines = Object.entries({
    ...headers,
    ...(chunked ? { 'transfer-encoding': 'chunked' } : {}),
    connection: 'close',
  })
  const head = `HTTP/1.1 ${status} Scripted\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  for (const piece of response.dripHeadMs === undefined ? [head] : head) {
    if (!(await write(socket, Buffer.from(piece)))) return false
    if (response.dripHeadMs !== undefined) await pause(response.dripHeadMs)
  }
  for (const { bytes, delayMs = 0, repeat = 1 } of body) {
    const piece = Buffer.from(bytes)
    if (piece.length === 0 && delayMs === 0) continue
    const framed =
      chunked && piece.length > 0
        ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
        : piece
    for (let turn = 0; turn < repeat; turn += 1) {
      if (delayMs > 0) await pauseWhileOpen(socket, delayMs)
      if (socket.destroyed || !(await write(socket, framed))) return false
    }
  }
  if (end === 'hang') return untilGone(socket)
  if (end === 'reset') await pause(20)
  if (socket.destroyed) return false
  if (end === 'reset') socket.resetAndDestroy()
  else if (end === 'cut') socket.destroySoon()
  else socket.end(chunked ? '0\r\n\r\n' : '')
  return true
}

function write(socket: Socket, bytes: Uint8Array): Promise<boolean> {
  if (socket.destroyed) return Promise.resolve(false)
  return new Promise((resolve) => {
    const gone = (): void => resolve(false)
    socket.once('close', gone)
    socket.write(bytes, (error) => {
      socket.off('close', gone)
      resolve(!error)
    })
  })
}

function untilGone(socket: Socket): Promise<false> {
  if (socket.destroyed) return Promise.resolve(false)
  return new Promise((resolve) => socket.once('close', () => resolve(false)))
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** A pause that a closing client ends early. */
function pauseWhileOpen(socket: Socket, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      socket.off('close', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    socket.once('close', done)
    if (socket.destroyed) done()
  })
}

/** A listener that nothing may connect to: the target of a redirect, or of an address that must be refused. */
export interface Trap {
  readonly port: number
  readonly connections: number
  readonly close: () => Promise<void>
}

/** A server on loopback that counts who connects, for what must connect to nothing. */
export async function startTrap(): Promise<Trap> {
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}')
  })
  const port = await listen(server)
  return {
    port,
    get connections() {
      return connections
    },
    close: () => closeServer(server, sockets),
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address !== null) resolve(address.port)
      else reject(new Error('no port'))
    })
  })
}

function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  return new Promise((resolve) => server.close(() => resolve()))
}
