import type { RunStatement } from '@ctxlock/contracts/run-statement'
import { textHash } from '@ctxlock/core-hash'
import { expect, test } from 'vitest'

import { makeWorkspace } from '../../test/support/workspace.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { compareStatedFiles } from './stated-files.ts'

const file = (path: string, text: string) => ({ name: path, uri: `file:${path}`, digest: { sha256: textHash(text) } })

function statement(
  subject: RunStatement['subject'],
  resolvedDependencies: RunStatement['predicate']['buildDefinition']['resolvedDependencies'],
): RunStatement {
  const hash = textHash('')
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject,
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:ctxlock:builds:governed-run:v1',
        externalParameters: {},
        internalParameters: { registry_hash: hash, profile_hash: hash, profile_id: 'p' },
        resolvedDependencies,
      },
      runDetails: {
        builder: { id: 'urn:ctxlock:runner', version: {} },
        metadata: { invocationId: crypto.randomUUID(), startedOn: '2026-11-22T10:00:00.000Z' },
        byproducts: [],
      },
    },
  }
}

test('files are compared with what the run made of them, else with what it read; nothing else is', () => {
  const folder = makeWorkspace({ 'made.md': 'after', 'edited.md': 'by hand', 'read.md': 'read' })
  const model = { name: 'm1', uri: 'urn:ctxlock:model:far:m1' }
  const stated = statement(
    [file('made.md', 'after'), file('edited.md', 'after'), { ...file('patch', 'x'), uri: 'urn:x' }],
    [file('made.md', 'before'), file('read.md', 'read'), file('gone.md', 'gone'), model],
  )
  expect(compareStatedFiles(stated, createWorkspaceReader(folder))).toEqual([
    { path: 'made.md', part: 'came_out', state: 'same' },
    { path: 'edited.md', part: 'came_out', state: 'differs' },
    { path: 'read.md', part: 'made_from', state: 'same' },
    { path: 'gone.md', part: 'made_from', state: 'missing' },
  ])
})

test('a statement cannot have a file outside of the folder compared', () => {
  const [folder, outside] = [makeWorkspace({ 'a.md': 'a' }), makeWorkspace({ 'secret.txt': 'secret' })]
  const paths = ['../secret.txt', `${outside}/secret.txt`, '', '.', 'a.md/../../secret.txt', 'a\0.md']
  const stated = statement(
    [file('a.md', 'a')],
    paths.map((path) => file(path, 'secret')),
  )
  const [, ...others] = compareStatedFiles(stated, createWorkspaceReader(folder))
  expect(others.map(({ state }) => state)).toEqual(paths.map(() => 'outside_workspace'))
})
