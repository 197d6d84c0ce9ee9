import type { Embedder } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'

import { CompileError } from '../compile-error.ts'
import { cosine, quantise } from './quantised.ts'
import type { VectorModel, VectorStore } from './vector-store.ts'

/** Embedded once for each model, so that a server which names no digest is found out when its weights are exchanged. */
const PROBE = 'The quick brown fox jumps over the lazy dog; 0123456789.'
/** The same weights on other hardware, or quantised anew, stay above this; other weights are far below. */
const SAME_MODEL = 0.99

/** What the embedder's model is now. */
export async function modelOf(embedder: Embedder): Promise<VectorModel> {
  const revision = (await embedder.revision()) ?? ''
  const [probe] = await vectorsOf(embedder, [PROBE])
  return { revision, probe: probe ?? new Int8Array() }
}

/** Whether vectors of the two may stand side by side. */
export function isSameModel(left: VectorModel, right: VectorModel): boolean {
  return left.revision === right.revision && cosine(left.probe, right.probe) >= SAME_MODEL
}

/** Embeds texts and keeps their vectors, all of them or none. Throws `EmbeddingInvalid`, and what the embedder throws. */
export async function embedTexts(
  store: VectorStore,
  embedder: Embedder,
  texts: ReadonlyMap<Hash, string>,
): Promise<void> {
  const vectors = await vectorsOf(embedder, [...texts.values()])
  const dimensions = store.model()?.probe.length
  const odd = vectors.find(({ length }) => length !== dimensions)
  if (odd) throw invalid(`one vector has ${odd.length} dimensions, the others ${dimensions}`)
  store.keep(new Map([...texts.keys()].map((key, index) => [key, vectors[index] ?? new Int8Array()])))
}

async function vectorsOf(embedder: Embedder, texts: readonly string[]): Promise<Int8Array[]> {
  const vectors = await embedder.embed(texts)
  if (vectors.length !== texts.length) throw invalid(`${texts.length} texts brought ${vectors.length} vectors`)
  return vectors.map(quantise)
}

function invalid(problem: string): CompileError {
  const message = `An embedder must bring one vector of one length for each text, but ${problem}; check the embedding model.`
  return new CompileError('EmbeddingInvalid', message)
}
