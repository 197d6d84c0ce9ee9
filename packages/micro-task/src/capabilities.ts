import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import type { Capability } from '@ctxlock/contracts/packs'

/**
 * What a micro-task needs of its role (MT-052): to read sources and to keep what it makes, always; to write where it changes files; to
 * start programs where commands check it. Which files and which programs is asked apart, by scope and allowlist.
 */
export function neededCapabilities({ files, verify, expected_output }: MicroTaskDefinition): Capability[] {
  const changesFiles = expected_output === 'patch' || files.modify.length + files.create.length > 0
  return [
    'artifact.read',
    'artifact.write',
    'fs.read',
    ...(changesFiles ? (['fs.write'] as const) : []),
    ...(verify.length > 0 ? (['proc.exec'] as const) : []),
  ]
}

/** What a micro-task needs and its role was not granted; empty when it may be worked on. */
export function missingCapabilities(granted: readonly string[], definition: MicroTaskDefinition): Capability[] {
  return neededCapabilities(definition).filter((capability) => !granted.includes(capability))
}
