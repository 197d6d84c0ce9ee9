import type { MicroTaskDefinition, MicroTaskDefinitions, TaskFile } from '@ctxlock/contracts/micro-task'
import type { Hash } from '@ctxlock/contracts/primitives'
import { isDeepStrictEqual } from 'node:util'

import { generateMicroTasks } from './generate-micro-tasks.ts'
import { MicroTaskError } from './micro-task-error.ts'

/** The version changes whenever the same task file gives other definitions. */
const GENERATOR = { generator_id: 'ctxlock.micro_task_generator', generator_version: '1' } as const

/**
 * What is made of a task file, with what made it and from what (MT-002). `packetHash` is the canonical hash of the task. Pure: the same
 * task gives the same artifact. Throws what `generateMicroTasks` throws.
 */
export function definitionsArtifact(task: TaskFile, packetHash: Hash): MicroTaskDefinitions {
  return {
    schema_version: 'ctxlock.mt_definitions@1',
    ...GENERATOR,
    packet_hash: packetHash,
    definitions: generateMicroTasks(task),
  }
}

/** Throws `DEFINITIONS_FOREIGN` unless this generator made the artifact and `definitions` are what it holds, in its order. */
export function refuseOtherDefinitions(
  artifact: MicroTaskDefinitions | undefined,
  definitions: readonly MicroTaskDefinition[],
): void {
  const { generator_id, generator_version } = GENERATOR
  if (artifact?.generator_id !== generator_id || artifact.generator_version !== generator_version) {
    throw foreign(
      `definitions made by ${generator_id} ${generator_version}, got ${artifact ? `${artifact.generator_id} ${artifact.generator_version}` : 'none'}`,
    )
  }
  if (!isDeepStrictEqual(artifact.definitions, definitions)) {
    throw foreign('the definitions that were generated for the run, got others')
  }
}

function foreign(expectation: string): MicroTaskError {
  return new MicroTaskError('DEFINITIONS_FOREIGN', `Expected ${expectation}. Start a new run of the task file.`)
}
