import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createRedactor } from '@ctxlock/ace-validators/redactor'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import { bytesHash } from '@ctxlock/core-hash'
import { afterAll, expect, test } from 'vitest'

import { nodeEnvironment } from '../environment/node-environment.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { resolveConfig } from '../workspace/default-config.ts'
import { directDerivation, type Derivation, type KnownSource } from './derivation.ts'
import { configuredExtractors } from './extractors.ts'
import { packBuilding } from './pack-building.ts'
import { threadedDerivation } from './threaded-derivation.ts'

const root = mkdtempSync(join(tmpdir(), 'ctxlock-derivation-'))
afterAll(() => rmSync(root, { recursive: true }))

const config = resolveConfig({ schema_version: 'ctxlock.config@1' })
const texts: Readonly<Record<string, string>> = {
  'a.ts': 'export const a = 1\n',
  // Its grammar is loaded while later batches already run.
  'b.py': 'def b():\n    return 1\n',
  'c.md': '# C\n\nText.\n',
  'd.bin': '\0',
  'e.txt': `key = ${'s3cr3t-value-of-the-provider'}\n`,
  'f.yaml': 'f: 1\n',
}
const sources = Object.entries(texts).map(([path, text]): KnownSource => {
  writeFileSync(join(root, path), text)
  return { path, hash: bytesHash(Buffer.from(text)) }
})
const secrets = ['s3cr3t-value-of-the-provider']

const direct = directDerivation({
  building: packBuilding(config, createRedactor({ secrets }), await configuredExtractors(root, [], nodeEnvironment)),
  reader: createWorkspaceReader(root),
  tokenCounter: codePointsPerFour,
})
/** Takes the first batch and begins with it when `isFree` says so, so that other threads take the next ones. */
const deriveAfter = (isFree: Promise<unknown>): Derivation => ({
  derive: (batch) => isFree.then(() => direct.derive(batch)),
  close: () => Promise.resolve(),
})
const NEVER = new Promise(() => {})

test('the calling thread and others answer each batch with what one thread derives', async () => {
  const expected = await direct.derive(sources)
  expect(expected.map(({ status }) => status)).toContain('derived')
  const { promise: isFree, resolve: free } = Promise.withResolvers()
  const threaded = threadedDerivation({ root, config, secrets }, deriveAfter(isFree), 3)
  try {
    // One source a batch, several batches for each thread at once.
    const batches = [...sources, ...sources].map((source) => threaded.derive([source]))
    await batches[1]
    free(undefined)
    const files = (await Promise.all(batches)).flat()
    expect(structuredClone(files)).toEqual([...expected, ...expected].map((file) => structuredClone(file)))
    expect(JSON.stringify(files)).not.toContain('s3cr3t')
  } finally {
    await threaded.close()
  }
})

test('a source that is not what was surveyed is read once more, by another thread as well', async () => {
  const threaded = threadedDerivation({ root, config, secrets }, deriveAfter(NEVER), 2)
  const held = threaded.derive(sources)
  const [file] = await threaded.derive([{ path: 'a.ts', hash: '0'.repeat(64) }])
  expect(file).toMatchObject({ status: 'derived', source: { hash: sources[0]?.hash } })
  const rejected = expect(held).rejects.toThrow('packing threads')
  await threaded.close()
  await rejected
})

test('threads that were ended reject what they were asked, and what they are asked later', async () => {
  const threaded = threadedDerivation({ root, config, secrets }, direct, 2)
  const rejected = expect(threaded.derive(sources)).rejects.toThrow('packing threads')
  await threaded.close()
  await rejected
  await expect(threaded.derive(sources)).rejects.toThrow('packing threads')
})

test('another thread that cannot start, and the calling one that fails, reject', async () => {
  const unstarted = threadedDerivation({ root: join(root, 'nowhere'), config, secrets }, deriveAfter(NEVER), 2)
  await expect(unstarted.derive(sources)).rejects.toThrow('ENOENT')
  await unstarted.close()
  const broken: Derivation = { derive: () => Promise.reject(new Error('broken')), close: () => Promise.resolve() }
  const failing = threadedDerivation({ root, config, secrets }, broken, 1)
  await expect(failing.derive(sources)).rejects.toThrow('broken')
  await failing.close()
})
