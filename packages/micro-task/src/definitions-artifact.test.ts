import { MicroTaskDefinitions, TaskFile } from '@ctxlock/contracts/micro-task'
import { expect, test } from 'vitest'

import { definitionsArtifact, refuseOtherDefinitions } from './definitions-artifact.ts'

const TASK = TaskFile.parse({
  schema_version: 'ctxlock.task@1',
  goal: 'Say how long a session is valid.',
  scope: ['src/'],
  done: ['The answer names the duration'],
  steps: [
    { name: 'find', goal: 'Find it.' },
    { name: 'quote', goal: 'Quote it.' },
  ],
})
const HASH = 'a'.repeat(64)
const FOREIGN = expect.objectContaining({ code: 'DEFINITIONS_FOREIGN' })

test('the same task gives the same artifact, which says what made it and from what (MT-002)', () => {
  const artifact = definitionsArtifact(TASK, HASH)
  expect(MicroTaskDefinitions.parse(artifact)).toEqual(artifact)
  expect(artifact).toMatchObject({ generator_id: expect.any(String), generator_version: '1', packet_hash: HASH })
  expect(definitionsArtifact(structuredClone(TASK), HASH)).toEqual(artifact)
})

test('only what this generator made is accepted, whole and in its order', () => {
  const artifact = definitionsArtifact(TASK, HASH)
  const { definitions } = artifact
  expect(() => refuseOtherDefinitions(artifact, structuredClone(definitions))).not.toThrow()
  expect(() => refuseOtherDefinitions(undefined, definitions)).toThrow(FOREIGN)
  expect(() => refuseOtherDefinitions({ ...artifact, generator_id: 'by_hand' }, definitions)).toThrow(FOREIGN)
  expect(() => refuseOtherDefinitions({ ...artifact, generator_version: '0' }, definitions)).toThrow(FOREIGN)
  expect(() => refuseOtherDefinitions(artifact, definitions.slice(0, 1))).toThrow(FOREIGN)
  expect(() => refuseOtherDefinitions(artifact, definitions.toReversed())).toThrow(FOREIGN)
  const wider = definitions.map((one) => ({ ...one, files: { ...one.files, modify: ['src/all.ts'] } }))
  expect(() => refuseOtherDefinitions(artifact, wider)).toThrow(FOREIGN)
})
