import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ModelServer {
  readonly origin: string
  /** The bodies of the chats it was sent, in order. */
  readonly chats: readonly Buffer[]
  readonly loaded: ReadonlySet<string>
  /** Asked before each request is answered; what it returns goes out with that status instead of an answer. */
  fail: ((path: string, model: string) => number | undefined | Promise<number | undefined>) | undefined
  /** What the model answers, and when. The chat it was sent is the last one while this is called. */
  says: (model: string) => string | Promise<string>
  unloadAll(): void
  close(): Promise<void>
}

const MEBIBYTE = 1_048_576

interface Asked {
  readonly model?: string
  readonly keep_alive?: number
}

/** A server on loopback that holds models and speaks Ollama's wire, or that of a llama.cpp router, as scripted. */
export async function startModelServer(
  wire: 'ollama' | 'router',
  models: Readonly<Record<string, number>>,
): Promise<ModelServer> {
  const chats: Buffer[] = []
  const loaded = new Set<string>()
  const server = createServer((request, response) => {
    void read(request).then(async (bytes) => {
      const path = request.url ?? ''
      const body: Asked = bytes.length === 0 ? {} : JSON.parse(bytes.toString('utf8'))
      const status = await state.fail?.(path, body.model ?? '')
      response.setHeader('content-type', 'application/json')
      if (status !== undefined) response.statusCode = status
      const failure = { error: { message: 'scripted failure' } }
      response.end(JSON.stringify(status === undefined ? await answer(path, bytes, body) : failure))
    })
  })
  const answer = async (path: string, bytes: Buffer, { model = '', keep_alive }: Asked): Promise<object> => {
    if (!path.endsWith('/chat') && !path.endsWith('/chat/completions'))
      return wire === 'ollama' ? ollama(path, model, keep_alive) : router(path, model)
    chats.push(bytes)
    loaded.add(model)
    const text = await state.says(model)
    return wire === 'ollama' ? ollamaChat(model, text) : routerChat(model, text)
  }

  function ollama(path: string, model: string, keepAlive?: number): object {
    const entry = (id: string) => ({
      name: id,
      model: id,
      size: (models[id] ?? 0) * MEBIBYTE,
      size_vram: (models[id] ?? 0) * MEBIBYTE,
    })
    switch (path) {
      case '/api/version':
        return { version: '0.99.0' }
      case '/api/tags':
        return { models: Object.keys(models).map((id) => ({ ...entry(id), digest: 'd'.repeat(64) })) }
      case '/api/ps':
        return { models: [...loaded].map(entry) }
      case '/api/generate':
        if (keepAlive === 0) loaded.delete(model)
        else loaded.add(model)
        return { model, done: true, done_reason: keepAlive === 0 ? 'unload' : 'load' }
      case '/api/show':
        return { details: {}, model_info: {}, capabilities: ['completion'] }
      default:
        return {}
    }
  }

  function ollamaChat(model: string, content: string): object {
    const message = { role: 'assistant', content }
    return { model, message, done: true, done_reason: 'stop', prompt_eval_count: 90, eval_count: 9 }
  }

  function router(path: string, model: string): object {
    switch (path) {
      case '/health':
        return { status: 'ok' }
      case '/models/load':
        loaded.add(model)
        return { success: true }
      case '/models/unload':
        loaded.delete(model)
        return { success: true }
      case '/v1/models': {
        const entry = (id: string) => ({
          id,
          status: { value: loaded.has(id) ? 'loaded' : 'unloaded' },
          meta: { size: (models[id] ?? 0) * MEBIBYTE },
        })
        return { object: 'list', data: Object.keys(models).map(entry) }
      }
      default:
        return {}
    }
  }

  function routerChat(model: string, content: string): object {
    const usage = { prompt_tokens: 90, completion_tokens: 9, total_tokens: 99 }
    const choice = { index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }
    return { id: 'c1', model, choices: [choice], usage }
  }

  const state: ModelServer = {
    get origin() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    chats,
    loaded,
    fail: undefined,
    says: () => 'The depot is not named.',
    unloadAll: () => loaded.clear(),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return state
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
