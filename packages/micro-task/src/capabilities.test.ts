import { TaskFile } from '@ctxlock/contracts/micro-task'
import { expect, test } from 'vitest'

import { missingCapabilities, neededCapabilities } from './capabilities.ts'
import { generateMicroTasks } from './generate-micro-tasks.ts'

function definition(more: object) {
  const [made] = generateMicroTasks(
    TaskFile.parse({ schema_version: 'ctxlock.task@1', goal: 'Do it.', scope: ['src/'], done: ['Done.'], ...more }),
  )
  if (!made) throw new Error('one micro-task')
  return made
}

const ANSWER = ['artifact.read', 'artifact.write', 'fs.read']

test('an answer reads, a patch writes, a check starts a program (MT-052)', () => {
  expect(neededCapabilities(definition({ expected_output: 'structured_answer' }))).toEqual(ANSWER)
  expect(neededCapabilities(definition({ expected_output: 'structured_answer', verify: ['true'] }))).toEqual([
    ...ANSWER,
    'proc.exec',
  ])
  const patch = { files: { modify: ['src/a.ts'] }, verify: ['true'] }
  expect(neededCapabilities(definition(patch))).toEqual([...ANSWER, 'fs.write', 'proc.exec'])
  expect(neededCapabilities(definition({ expected_output: 'patch' }))).toContain('fs.write')
})

test('what is missing is named, and nothing is granted by being like it', () => {
  const patch = definition({ files: { create: ['src/a.ts'] }, verify: ['true'] })
  expect(missingCapabilities([], patch)).toEqual(neededCapabilities(patch))
  expect(missingCapabilities([...ANSWER, 'fs.write', 'proc.exec', 'net'], patch)).toEqual([])
  expect(missingCapabilities([...ANSWER, 'fs', 'FS.WRITE', 'proc.exec '], patch)).toEqual(['fs.write', 'proc.exec'])
})
