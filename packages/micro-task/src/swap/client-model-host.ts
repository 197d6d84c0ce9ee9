import type { LlmClient, ModelInfo } from '@ctxlock/contracts/provider'

import type { ModelHost } from './swap-ports.ts'

/** A model, the client of its provider, and what the registry entry says about it. */
export interface HostedModel {
  readonly client: LlmClient
  /** Megabytes the loaded model takes, where the entry declares them. */
  readonly memoryMb?: number
}

/**
 * The model servers, asked through the clients of their providers. A server that does not load on request has its models
 * always: loading asks it whether it answers, unloading does nothing. `find` throws for a model no provider has.
 */
export function clientModelHost(find: (modelId: string) => Promise<HostedModel>): ModelHost {
  const running = async (modelId: string, client: LlmClient, signal: AbortSignal): Promise<ModelInfo | undefined> =>
    (await client.listRunning({ signal })).find(({ id }) => isSame(id, modelId))

  return {
    async sizeMb(modelId, signal) {
      const { client, memoryMb } = await find(modelId)
      if (memoryMb !== undefined || !client.capabilities.list) return memoryMb
      const listed = (await client.listModels({ signal })).find(({ id }) => isSame(id, modelId))
      return listed?.sizeBytes === undefined ? undefined : megabytes(listed.sizeBytes)
    },
    async unload(modelId, signal) {
      const { client } = await find(modelId)
      if (client.capabilities.load) await client.unload(modelId, { signal })
    },
    async load(modelId, signal) {
      const { client } = await find(modelId)
      if (client.capabilities.load) await client.load(modelId, { signal })
    },
    async isReady(modelId, signal) {
      const { client } = await find(modelId)
      if (!client.capabilities.load) return (await client.health({ signal })).ready
      return (await running(modelId, client, signal)) !== undefined
    },
    async isMeasurable(modelId) {
      return (await find(modelId)).client.capabilities.load
    },
    async measure(modelId, signal) {
      const { client } = await find(modelId)
      const model = await running(modelId, client, signal)
      if (model?.sizeBytes === undefined) return undefined
      const { sizeBytes, vramBytes = sizeBytes } = model
      // Where the server does not say how it split the model, all of it counts as VRAM.
      return { vramMb: megabytes(vramBytes), ramMb: megabytes(Math.max(0, sizeBytes - vramBytes)) }
    },
  }
}

/** Ollama lists a model without a tag as `:latest`. */
function isSame(listed: string, asked: string): boolean {
  return listed === asked || listed === `${asked}:latest`
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1_048_576)
}
