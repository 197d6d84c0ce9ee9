import { join } from 'node:path'

import {
  GovernanceError,
  readRegistry,
  serializeRegistry,
  type ProviderRegistry,
  type RegistryOptions,
} from '@ctxlock/governance'

import { writeFileAtomically } from '../environment/files.ts'
import { NotReadable, readRegularFile } from '../environment/regular-file.ts'
import { errorCode } from '../environment/workspace-reader.ts'

const REGISTRY_FILE = 'registry.json'
const MOST_BYTES = 64 * 1_048_576

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
    return readRegularFile(join(stateFolder, REGISTRY_FILE), MOST_BYTES)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    // A device or a pipe in its place holds no registry; it is not waited for.
    if (error instanceof NotReadable) return Buffer.alloc(0)
    throw error
  }
}
