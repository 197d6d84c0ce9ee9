import { createServer, type Socket } from 'node:net'

import { ollamaAnswer } from '../wire/ollama-answers.ts'

export interface RawModelServer {
  readonly origin: string
  /** The bodies of the chats as they came off the socket, in order. */
  readonly chats: readonly Buffer[]
  close(): void
}

const HEADER_END = '\r\n\r\n'

/** Ollama's wire over a bare TCP socket: nothing between the captured bytes and the sender but the kernel. */
export async function startRawModelServer(model: string, reply = 'The sources do not say.'): Promise<RawModelServer> {
  const chats: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let received = Buffer.alloc(0)
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, typeof bytes === 'string' ? Buffer.from(bytes) : bytes])
      const end = received.indexOf(HEADER_END)
      if (end < 0) return
      const head = received.subarray(0, end).toString('latin1')
      const length = Number(/^content-length: *(\d+)$/im.exec(head)?.[1] ?? 0)
      const body = received.subarray(end + HEADER_END.length)
      if (body.length < length) return
      const path = head.split(' ')[1] ?? ''
      if (path === '/api/chat') chats.push(Buffer.from(body))
      const answer = JSON.stringify(answerTo(path, model, reply))
      socket.end(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(answer)}\r\nconnection: close\r\n\r\n${answer}`,
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    chats,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function answerTo(path: string, model: string, reply: string): object {
  if (path !== '/api/chat') return ollamaAnswer(path, model)
  return {
    model,
    message: { role: 'assistant', content: reply },
    done: true,
    done_reason: 'stop',
    prompt_eval_count: 90,
    eval_count: 6,
  }
}
