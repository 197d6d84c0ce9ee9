// One thread of threadedDerivation: its data says what to derive with, each message is a batch of sources.
import { parentPort, workerData } from 'node:worker_threads'

import { createRedactor } from '@ctxlock/ace-validators/redactor'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

import { nodeEnvironment } from '../environment/node-environment.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { createBatchQueue, type Answer, type Batch } from './batch-queue.ts'
import { directDerivation } from './derivation.ts'
import { configuredExtractors } from './extractors.ts'
import { packBuilding } from './pack-building.ts'
import type { DerivationOptions } from './threaded-derivation.ts'

const { root, config, secrets }: DerivationOptions = workerData
const extractors = await configuredExtractors(root, config.plugins, nodeEnvironment)
const derivation = directDerivation({
  building: packBuilding(config, createRedactor({ secrets }), extractors),
  reader: createWorkspaceReader(root),
  tokenCounter: codePointsPerFour,
})

// What is thrown here ends the thread, and the host rejects every batch it still waits for.
const queue = createBatchQueue(derivation.derive, answer, (error) => {
  throw error
})
parentPort?.on('message', (batch: Batch) => queue.add(batch))

function answer({ id, files }: Answer): void {
  const buffers = files.flatMap((file) => ('bytes' in file ? [file.bytes.buffer] : []))
  parentPort?.postMessage(
    { id, files } satisfies Answer,
    buffers.filter((buffer) => buffer instanceof ArrayBuffer),
  )
}
