import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const PIECES = Array.from({ length: 20 }, (_, index) => `word${index} `)
const USAGE = { prompt_tokens: 900, completion_tokens: 20, total_tokens: 920 }
const base = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm1' }
const WHOLE = JSON.stringify({
  ...base,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: PIECES.join('') }, finish_reason: 'stop' }],
  usage: USAGE,
})
const STREAM = [
  ...PIECES.map((content) => ({
    ...base,
    choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }],
  })),
  { ...base, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  { ...base, choices: [], usage: USAGE },
]

/** An OpenAI-compatible server on loopback that answers at once, streaming or not, always the same. */
export async function startChatServer(): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const streams = Buffer.concat(chunks).includes('"stream":true')
      response.setHeader('content-type', streams ? 'text/event-stream' : 'application/json')
      if (request.method === 'GET') return void response.end('{"object":"list","data":[{"id":"m1"}]}')
      if (!streams) return void response.end(WHOLE)
      for (const chunk of STREAM) response.write(`data: ${JSON.stringify(chunk)}\n\n`)
      response.end('data: [DONE]\n\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
