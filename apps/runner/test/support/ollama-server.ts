import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'

export interface OllamaRequest {
  readonly model: string
  /** All messages, one below the other. */
  readonly prompt: string
}

export interface OllamaServer {
  readonly url: string
  readonly requests: readonly OllamaRequest[]
}

/** A real HTTP server on loopback that speaks the Ollama wire and answers chat requests as the script says. */
export async function startOllamaServer(
  models: readonly string[],
  answer: (request: OllamaRequest, number: number) => string | { readonly status: number },
): Promise<OllamaServer> {
  const requests: OllamaRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const reply = (body: object, status = 200) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
      }
      const list = models.map((name) => ({ name, model: name, digest: 'd'.repeat(64), size: 1, details: {} }))
      switch (request.url) {
        case '/api/version':
          return reply({ version: '0.15.0' })
        case '/api/tags':
        case '/api/ps':
          return reply({ models: list })
        case '/api/show':
          return reply({ details: {}, model_info: {}, capabilities: ['completion'] })
        case '/api/chat': {
          const asked: { model: string; messages: { content: string }[] } = JSON.parse(
            Buffer.concat(chunks).toString('utf8'),
          )
          const made = { model: asked.model, prompt: asked.messages.map(({ content }) => content).join('\n\n') }
          requests.push(made)
          const text = answer(made, requests.length)
          if (typeof text !== 'string') return reply({ error: 'scripted' }, text.status)
          return reply({
            model: asked.model,
            message: { role: 'assistant', content: text },
            done: true,
            done_reason: 'stop',
            prompt_eval_count: 100,
            eval_count: 50,
          })
        }
        default:
          return reply({ done: true })
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the test server has no port')
  return { url: `http://127.0.0.1:${address.port}`, requests }
}

/** A config whose worker has these models, one level each, and a person above them. */
export function ollamaConfig(
  url: string,
  models: readonly string[],
  policy: Readonly<Record<string, unknown>> = {},
): string {
  const assignment = { primary_model_id: models[0], local_only: true }
  const levels = models.map((model_id, level) => ({ level, model_id, is_cloud: false, is_hard_gate: false }))
  return JSON.stringify({
    schema_version: 'ctxlock.config@1',
    providers: [
      {
        provider_id: 'near',
        kind: 'ollama',
        declared_tier: 'local',
        base_url: url,
        secret_ref: null,
        default_model_id: models[0],
        models: models.map((model_id) => ({ model_id })),
        network: { allow_private_hosts: [], allow_ports: [], redirects: 'deny' },
        enabled: true,
      },
    ],
    profiles: [
      {
        schema_version: 'hsk.work_profile@0.6',
        profile_id: 'test',
        name: 'test',
        model_assignments: {
          frontend: assignment,
          orchestrator: assignment,
          worker: assignment,
          validator: assignment,
        },
        governance: { automation_level: 'HYBRID', allow_cloud_escalation: false },
      },
    ],
    active_profile: 'test',
    execution: {
      commands: ['node'],
      policy: {
        escalation_chain: [
          ...levels,
          { level: levels.length, model_id: 'HARD_GATE', is_cloud: false, is_hard_gate: true },
        ],
        ...policy,
      },
    },
  })
}
