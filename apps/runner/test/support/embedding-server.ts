import {
  startFakeServer,
  type FakeServer,
  type RecordedRequest,
  type ScriptedResponse,
} from '@ctxlock/plugin-api/testing'
import { onTestFinished } from 'vitest'

/** Knows three meanings, so that words which share no letter can be near each other. */
const MEANINGS = [/parcel|package|box/gi, /hash|checksum|digest/gi, /train|depot|rail/gi]

type Dialect = 'openai_compat' | 'ollama'

export interface EmbeddingServer extends Pick<FakeServer, 'origin' | 'close'> {
  /** May be changed between two commands. */
  readonly model: { digest: string; dimensions: number; longestText: number; vectors?: unknown; remoteHost?: string }
  /** Every text it was asked to embed but for the probe, in order. */
  readonly texts: string[]
  readonly requests: readonly RecordedRequest[]
  readonly connections: () => number
}

/** A server on loopback that embeds by meaning, in the words of either wire. */
export async function startEmbeddingServer(dialect: Dialect = 'openai_compat'): Promise<EmbeddingServer> {
  const model: EmbeddingServer['model'] = { digest: '1', dimensions: 3, longestText: 100_000 }
  const texts: string[] = []
  const server = await startFakeServer((request) => {
    if (request.path.endsWith('/models'))
      return json({ data: [{ id: 'meanings', meta: { size: Number(model.digest) } }] })
    if (request.path === '/api/tags') return json({ models: [{ name: 'meanings:latest', digest: model.digest }] })
    if (request.path === '/api/show') return json({ details: {}, remote_host: model.remoteHost })
    const { input }: { input: string[] } = JSON.parse(Buffer.from(request.body).toString('utf8'))
    if (input.some((text) => text.length > model.longestText))
      return json({ error: 'the input length exceeds the context length' }, 400)
    texts.push(...input.filter((text) => !text.startsWith('The quick brown fox')))
    const vectors = model.vectors ?? input.map((text) => meaningOf(text).slice(0, model.dimensions))
    if (dialect === 'ollama') return json({ model: 'meanings', embeddings: vectors, prompt_eval_count: 7 })
    const data = Array.isArray(vectors) ? vectors.map((embedding, index) => ({ index, embedding })) : vectors
    return json({ model: 'meanings', data, usage: { prompt_tokens: 7, total_tokens: 7 } })
  })
  onTestFinished(() => server.close())
  return {
    origin: server.origin,
    close: server.close,
    requests: server.requests,
    connections: () => server.connections,
    model,
    texts,
  }
}

/** The embedded provider answers, the server embeds. */
export function embeddingConfig(
  { origin }: Pick<EmbeddingServer, 'origin'>,
  { provider = {}, embedding = {}, ...rest }: Readonly<Record<string, object>> = {},
): string {
  const network = { allow_private_hosts: [], allow_ports: [], redirects: 'deny' }
  const common = { declared_tier: 'local', secret_ref: null, models: [], network, enabled: true }
  return JSON.stringify({
    schema_version: 'ctxlock.config@1',
    providers: [
      { ...common, provider_id: 'embedded', kind: 'extractive', base_url: null, default_model_id: 'extractive' },
      {
        ...common,
        provider_id: 'vectors',
        kind: 'openai_compat',
        base_url: origin,
        default_model_id: 'meanings',
        options: { max_retries: 0 },
        ...provider,
      },
    ],
    embedding: { model_id: 'meanings', ...embedding },
    ...rest,
  })
}

function meaningOf(text: string): number[] {
  return MEANINGS.map((words, place) => 0.01 * (place + 1) + (text.match(words)?.length ?? 0))
}

function json(value: object, status = 200): ScriptedResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: [{ bytes: JSON.stringify(value) }] }
}
