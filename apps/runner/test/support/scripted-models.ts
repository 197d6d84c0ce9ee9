import { onTestFinished } from 'vitest'

import { startModelServer } from './model-server.ts'

export interface OllamaRequest {
  readonly model: string
  /** All messages, one below the other. */
  readonly prompt: string
}

export interface ScriptedServer {
  readonly url: string
  readonly requests: readonly OllamaRequest[]
}

/** A server that speaks the Ollama wire, holds these models and answers each chat as the script says. */
export async function startOllamaServer(
  models: readonly string[],
  answer: (request: OllamaRequest, number: number) => string,
): Promise<ScriptedServer> {
  const server = await startModelServer('ollama', Object.fromEntries(models.map((model) => [model, 1])))
  onTestFinished(() => server.close())
  const requests = () =>
    server.chats.map((bytes): OllamaRequest => {
      const { model, messages }: { model: string; messages: { content: string }[] } = JSON.parse(bytes.toString('utf8'))
      return { model, prompt: messages.map(({ content }) => content).join('\n\n') }
    })
  server.says = (model) => answer(requests().at(-1) ?? { model, prompt: '' }, server.chats.length)
  return {
    url: server.origin,
    get requests() {
      return requests()
    },
  }
}
