// One thread of threadedDerivation: its data says what to derive with, each message is a batch of sources.
import { parentPort, workerData } from 'node:worker_threads'

import { createRedactor } from '@ctxlock/ace-validators/redactor'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

import { nodeEnvironment } from '../environment/node-environment.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { directDerivation } from './derivation.ts'
import { configuredExtractors } from './extractors.ts'
import { packBuilding } from './pack-building.ts'
import { takes, type Answer, type Batch, type DerivationOptions } from './threaded-derivation.ts'

const { root, config, secrets }: DerivationOptions = workerData
const extractors = await configuredExtractors(root, config.plugins, nodeEnvironment)
const derivation = directDerivation({
  building: packBuilding(config, createRedactor({ secrets }), extractors),
  reader: createWorkspaceReader(root),
  tokenCounter: codePointsPerFour,
})

// Batches may overtake each other while one of them loads a grammar, so each answer carries the number of its batch. What is
// thrown here ends the thread, and the host rejects every batch it still waits for.
parentPort?.on('message', (batch: Batch) => {
  if (!takes(batch)) return
  void derivation.derive(batch.sources).then((files) => {
    const buffers = files.flatMap((file) => ('bytes' in file ? [file.bytes.buffer] : []))
    const answer: Answer = { id: batch.id, files }
    parentPort?.postMessage(
      answer,
      buffers.filter((buffer) => buffer instanceof ArrayBuffer),
    )
  })
})
