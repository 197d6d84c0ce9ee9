import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A tiny teller: repeats the last turn in upper case, word by word when it streams. */
export async function startTeller(): Promise<{
  readonly origin: string
  readonly bodies: readonly Buffer[]
  close(): Promise<void>
}> {
  const bodies: Buffer[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url === '/status') return void response.end('{"ready":true}')
      const body = Buffer.concat(chunks)
      bodies.push(body)
      const { model, turns, stream, limit } = JSON.parse(body.toString())
      const words: string[] = String(turns.at(-1).text)
        .toUpperCase()
        .split(/(?<= )/)
      const kept = words.slice(0, limit ?? words.length)
      const end = {
        stop: kept.length < words.length ? 'limit' : 'end',
        tokens: { read: words.length, written: kept.length },
        model,
      }
      if (!stream) return void response.end(JSON.stringify({ piece: kept.join(''), ...end }))
      response.setHeader('content-type', 'application/x-ndjson')
      for (const piece of kept) response.write(`${JSON.stringify({ piece })}\n`)
      response.end(`${JSON.stringify(end)}\n`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    bodies,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
