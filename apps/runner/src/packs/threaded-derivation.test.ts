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
import { directDerivation, type KnownSource } from './derivation.ts'
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

test('threads answer each batch with what one thread derives', async () => {
  const direct = directDerivation({
    building: packBuilding(config, createRedactor({ secrets }), await configuredExtractors(root, [], nodeEnvironment)),
    reader: createWorkspaceReader(root),
    tokenCounter: codePointsPerFour,
  })
  const expected = await direct.derive(sources)
  expect(expected.map(({ status }) => status)).toContain('derived')
  const threaded = threadedDerivation({ root, config, secrets }, 2)
  try {
    // One source a batch, several batches for each thread at once.
    const batches = [...sources, ...sources].map((source) => threaded.derive([source]))
    const files = (await Promise.all(batches)).flat()
    expect(files).toEqual([...expected, ...expected].map((file) => structuredClone(file)))
    expect(JSON.stringify(files)).not.toContain('s3cr3t')
  } finally {
    await threaded.close()
  }
})

test('a source that is not what was surveyed is read once more', async () => {
  const threaded = threadedDerivation({ root, config, secrets }, 1)
  try {
    const [file] = await threaded.derive([{ path: 'a.ts', hash: '0'.repeat(64) }])
    expect(file).toMatchObject({ status: 'derived', source: { hash: sources[0]?.hash } })
  } finally {
    await threaded.close()
  }
})

test('a thread that ends rejects what it was asked, and what it is asked later', async () => {
  const threaded = threadedDerivation({ root, config, secrets }, 1)
  const asked = threaded.derive(sources)
  await threaded.close()
  await expect(asked).rejects.toThrow('packing thread')
  await expect(threaded.derive(sources)).rejects.toThrow('packing thread')
})

test('a thread that cannot start rejects', async () => {
  const threaded = threadedDerivation({ root: join(root, 'nowhere'), config, secrets }, 1)
  await expect(threaded.derive(sources)).rejects.toThrow('ENOENT')
  await threaded.close()
})
