import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { getRequestListener } from '@hono/node-server'

import { CommandError } from '../command-error.ts'
import { errorCode } from '../environment/workspace-reader.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Assets } from './assets.ts'
import { consoleApp } from './console-app.ts'
import { createEntry } from './entry.ts'
import { SECURITY_HEADERS } from './headers.ts'
import { refusalOf, type Refusal } from './refusal.ts'

export interface ConsoleOptions {
  /** The workspace whose record is shown. */
  readonly root: string
  readonly assets: Assets
  /** 0 takes a free one. */
  readonly port: number
}

export interface RunningConsole {
  /** Opens the console in a browser, once. */
  readonly entryUrl: string
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const ENTRY_VALID_MS = 10 * 60_000

/** Bounds for a client that is slow, or many, on purpose. Answers that stay open (live events) are bounded by `maxConnections`. */
const SERVER_LIMITS = {
  headersTimeout: 2_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
} as const
const MOST_CONNECTIONS = 64

/** Serves the console of one workspace on loopback until it is closed. Throws `PORT_UNAVAILABLE`. */
export async function serveConsole({ root, assets, port }: ConsoleOptions): Promise<RunningConsole> {
  const entry = createEntry({
    secret: () => randomBytes(32).toString('base64url'),
    now: () => performance.now(),
    validForMs: ENTRY_VALID_MS,
  })
  const server = createServer(SERVER_LIMITS)
  server.maxConnections = MOST_CONNECTIONS
  await listen(server, port)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a listening server has a port')
  // As a browser writes it, which leaves out port 80.
  const { origin } = new URL(`http://${LOOPBACK}:${address.port}`)
  const answer = getRequestListener(consoleApp({ root, assets, entry, origin }).fetch, { overrideGlobalObjects: false })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
    const refusal = refusalOf(request, entry, origin, assets)
    if (refusal) refuse(response, refusal)
    else void answer(request, response)
  })
  return {
    entryUrl: `${origin}/enter/${entry.token}`,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(portUnavailable(port, cause)))
    server.listen(port, LOOPBACK, resolve)
  })
}

function portUnavailable(port: number, cause: Error): CommandError {
  return new CommandError(
    {
      exit: EXIT_CODE.usage,
      code: 'PORT_UNAVAILABLE',
      message: `the console cannot listen on port ${port}: ${errorCode(cause)}`,
      hint: 'Give another --port, or none: then a free one is taken.',
    },
    { cause },
  )
}

function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  // Whatever else the client wants to send is not read.
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(`${JSON.stringify({ error: { code, message } })}\n`)
}
