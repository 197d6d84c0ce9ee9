import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import {
  GovernanceError,
  readRegistry,
  serializeRegistry,
  type ProviderRegistry,
  type RegistryOptions,
} from '@ctxlock/governance'

import { writeFileAtomically } from '../environment/files.ts'
import { errorCode } from '../environment/workspace-reader.ts'

const REGISTRY_FILE = 'registry.json'

/**
 * Keeps the registry a run starts with as one canonical document that carries its own hash (PROV-025). The config stays where
 * providers are changed: this says what its entries were when something was last done with them.
 */
export function keepRegistry(stateFolder: string, registry: ProviderRegistry): void {
  const document = serializeRegistry(registry)
  if (readRecord(stateFolder)?.equals(Buffer.from(document)) === true) return
  writeFileAtomically(join(stateFolder, REGISTRY_FILE), document, 0o600)
}

/** How the record stands to the registry in force; `unreadable` when it does not hash to what it says. */
export type RecordState = 'none' | 'same' | 'differs' | 'unreadable'

export function registryRecordState(
  stateFolder: string,
  registry: ProviderRegistry,
  options: RegistryOptions,
): RecordState {
  const bytes = readRecord(stateFolder)
  if (!bytes) return 'none'
  try {
    return readRegistry(bytes, options).hash === registry.hash ? 'same' : 'differs'
  } catch (error) {
    if (error instanceof GovernanceError) return 'unreadable'
    throw error
  }
}

function readRecord(stateFolder: string): Buffer | undefined {
  try {
    return readFileSync(join(stateFolder, REGISTRY_FILE))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
