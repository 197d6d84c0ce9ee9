import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'

export interface MarkedServer {
  readonly origin: string
  /** Bodies of what was sent to `/v1/traces`, in order. */
  readonly traces: Buffer[]
  close(): void
}

/** A model on Ollama's wire that answers with the marker wherever a server can say something, and a collector beside it. */
export async function startMarkedServer(
  model: string,
  marker: () => string,
  fails: () => boolean,
): Promise<MarkedServer> {
  const traces: Buffer[] = []
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      if (request.url === '/v1/traces') {
        traces.push(body)
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
        return
      }
      const isChat = request.url === '/api/chat'
      response.writeHead(isChat && fails() ? 400 : 200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify(isChat && fails() ? { error: `${marker()} is wrong` } : answerTo(request.url, model, marker())),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    traces,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function answerTo(path: string | undefined, model: string, marker: string): object {
  switch (path) {
    case '/api/chat':
      return {
        model: `${model}-${marker}`,
        message: { role: 'assistant', content: `The sources say ${marker}.` },
        done: true,
        done_reason: marker,
        prompt_eval_count: 90,
        eval_count: 6,
      }
    case '/api/tags':
      return { models: [{ name: model, model, size: 1, digest: 'd'.repeat(64) }] }
    case '/api/ps':
      return { models: [] }
    case '/api/show':
      return { details: {}, model_info: {}, capabilities: ['completion'] }
    default:
      return { version: '0.99.0' }
  }
}
