import { syncVectors } from '@ctxlock/context-compiler'
import { createFieldRedactor, PackError } from '@ctxlock/context-pack'
import { decodeSourceText } from '@ctxlock/contracts/evidence'
import type { Redactor } from '@ctxlock/contracts/ports'
import { ProviderError } from '@ctxlock/contracts/provider'
import { canonicalHash } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { workspaceSources } from '../environment/workspace-sources.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { asCommandError } from '../failure/failure.ts'
import type { RunIds } from '../run/recorded-run.ts'
import type { Session } from '../session/session.ts'
import { recordModelChange, recordRefusal, recordRequest } from './embedding-events.ts'
import { CloudEmbeddingRefused, embeddingModel, type EmbeddingModel } from './embedding-model.ts'
import { providerEmbedder } from './provider-embedder.ts'

export interface VectorSyncInput {
  readonly ids: RunIds
  /** What will be asked: a call searches with stored vectors alone. */
  readonly questions: readonly string[]
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
}

/**
 * Brings the vectors up to what the files say now, and embeds the questions; what is known is not sent again. Returns the id
 * of the embedder to search with, or undefined when the config names no embedding model. Text leaves redacted as in packs,
 * and every request is recorded (PROV-004). Throws `CloudEmbeddingRefused` before a byte has left,
 * `EMBEDDING_UNSUPPORTED` for a provider without embeddings, and `ProviderError`.
 */
export async function syncWorkspaceVectors(session: Session, input: VectorSyncInput): Promise<string | undefined> {
  try {
    const model = embeddingModel(session)
    return model && (await syncWithModel(session, input, model))
  } catch (error) {
    if (error instanceof CloudEmbeddingRefused) recordRefusal(session, input.ids, error)
    throw error instanceof ProviderError ? embeddingFailed(error) : error
  }
}

async function syncWithModel(session: Session, input: VectorSyncInput, model: EmbeddingModel): Promise<string> {
  const { ids, questions, signal, progress } = input
  const client = await session.providers.client(model.provider)
  if (!client.capabilities.embed) throw noEmbeddings(model)
  const embedder = providerEmbedder({
    id: embedderId(session, model),
    model,
    client,
    clock: session.environment.clock,
    signal,
    onRequest: (request) => recordRequest(session, ids, model, request),
  })
  const { modelChanged } = await syncVectors(session.state.database, {
    files: sourceTexts(session, progress),
    queries: questions,
    embedder,
    prefixes: model.prefixes,
    redact: (source) => windowRedactor(session.redactor, source),
    progress: (embedded) => progress(`embedding sources: ${embedded} passages`),
  })
  if (modelChanged) recordModelChange(session, ids, model)
  return embedder.id
}

/** Says at what the provider failed: no call has been made yet. */
function embeddingFailed(error: ProviderError): CommandError {
  const { exit, code, message, hint } = asCommandError(error)
  return new CommandError(
    { exit, code, message: `the sources could not be embedded: ${message}`, ...(hint && { hint }) },
    { cause: error },
  )
}

function noEmbeddings({ provider, modelId }: EmbeddingModel): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'EMBEDDING_UNSUPPORTED',
    message: `\`embedding.model_id\` names ${modelId}, but its provider ${provider.provider_id} (${provider.kind}) makes no embeddings`,
    hint: 'Name an embedding model of another provider, or take `embedding` out of the config.',
  })
}

/** All that decides about a vector here; what the server decides is the model's revision. */
function embedderId({ redactor }: Session, { provider, modelId, dimensions, prefixes }: EmbeddingModel): string {
  const model = [provider.provider_id, modelId, ...(dimensions === undefined ? [] : [dimensions])].join('/')
  const prefixed = prefixes.query + prefixes.passage !== ''
  return [model, redactor.version, ...(prefixed ? [canonicalHash(prefixes).slice(0, 12)] : [])].join(' ')
}

function sourceTexts(session: Session, progress: (text: string) => void) {
  return {
    *[Symbol.iterator]() {
      for (const { path, hash, bytes } of workspaceSources(session, progress)) {
        yield {
          path,
          hash,
          get text() {
            return decodeSourceText(bytes)
          },
        }
      }
    },
  }
}

/** A window in which a secret is still found stays here. */
function windowRedactor(redactor: Redactor, source: string): (text: string) => string | undefined {
  const redact = createFieldRedactor(redactor, source)
  return (text) => {
    try {
      return redact(text).text
    } catch (error) {
      if (error instanceof PackError && error.code === 'PACK_SECRET_DETECTED') return undefined
      throw error
    }
  }
}
