import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { createTime, createWorkspace, type Workspace } from '../src/__fixtures__/workspace.ts'

const folder = mkdtempSync(join(tmpdir(), 'freshness-guard-readme-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The README's example as a module whose free names are the exported `run`'s parameters; its types are taken off by Node. */
async function loadExample() {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const api = new URL('../src/index.ts', import.meta.url).href
  const [, names = ''] = /^import \{([^}]*)\} from '@ctxlock\/freshness-guard'$/m.exec(code) ?? []
  const body = code.replace(/^import .*$/m, '')
  const file = join(folder, 'example.mts')
  const scope = 'workspace, payloads, storedRecord, clock, timers, rebuildPack, console'
  writeFileSync(file, `import {${names}} from '${api}'\nexport async function run({ ${scope} }: any) {\n${body}}\n`)
  const module: { run(scope: object): Promise<void> } = await import(file)
  return module
}

async function output(workspace: Workspace, record: unknown, rebuildPack: () => unknown) {
  const example = await loadExample()
  const lines: string[] = []
  const console = { log: (line: string) => lines.push(line) }
  const { clock, timers } = createTime()
  const { payloads, reads } = workspace
  await example.run({ workspace: reads.reader, payloads, storedRecord: record, clock, timers, rebuildPack, console })
  return lines.map((line): unknown => JSON.parse(line))
}

describe('the example in the README', () => {
  it('uses a fresh pack, rebuilds a stale one, and falls back when that fails', async () => {
    using workspace = createWorkspace({ a: 'one\n' })
    const record = workspace.pack(['a'])
    const rebuild = () => workspace.pack(['a'])
    expect(await output(workspace, record, rebuild)).toEqual([
      { evidence: 1, warnings: [], degraded: false, examined: 1 },
    ])

    workspace.write('a', 'two\n')
    expect(await output(workspace, record, rebuild)).toEqual([
      { evidence: 1, warnings: ['context_pack_stale:regenerated'], degraded: false, examined: 1 },
    ])
    expect(await output(workspace, record, () => undefined)).toEqual([
      { evidence: 0, warnings: ['context_pack_stale:fallback'], degraded: false, examined: 1 },
    ])
  })
})
