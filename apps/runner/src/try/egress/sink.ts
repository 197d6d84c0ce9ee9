import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { bytesHash } from '@ctxlock/core-hash'

/** The only "cloud" of the trial: a server on loopback that answers 501 and says that it is no model. */
export interface Sink {
  readonly url: string
  /** Every body that arrived, in order, by size in bytes and SHA-256. */
  readonly received: readonly ReceivedBody[]
  close(): Promise<void>
}

export interface ReceivedBody {
  readonly bytes: number
  readonly sha256: string
}

export async function openSink(): Promise<Sink> {
  const received: ReceivedBody[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      received.push({ bytes: body.length, sha256: bytesHash(body) })
      response.writeHead(501, { 'content-type': 'application/json', connection: 'close' })
      response.end(JSON.stringify({ error: { message: 'This is a sink on loopback, not a model.', type: 'sink' } }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a listening server has a port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
