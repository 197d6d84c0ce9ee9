import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'

import { ollamaAnswer } from '../wire/ollama-answers.ts'

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
  if (path !== '/api/chat') return ollamaAnswer(path, model)
  return {
    model: `${model}-${marker}`,
    message: { role: 'assistant', content: `The sources say ${marker}.` },
    done: true,
    done_reason: marker,
    prompt_eval_count: 90,
    eval_count: 6,
  }
}
