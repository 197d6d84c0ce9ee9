import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { bytesHash } from '@ctxlock/core-hash'
import type { SourceReader } from '@ctxlock/contracts/ports'
import { afterAll, expect, test } from 'vitest'

import { clock, memoryStore, testRedactor, tokenCounter } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'context-pack-readme-'))
afterAll(() => rmSync(folder, { recursive: true }))

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The example as a module whose free names are the parameters of the exported `run`; Node takes its types off. */
async function loadExample(): Promise<{ run(scope: object): void }> {
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(20)
  const imports = /^import \{([^}]*)\} from '@ctxlock\/context-pack'$/gm
  const names = [...code.matchAll(imports)].map(([, list]) => list).join(',')
  const api = new URL('../src/index.ts', import.meta.url).href
  const file = join(folder, 'example.mts')
  const scope = 'workspace, store, redactor, clock, tokenCounter, paths, hashesNow, console'
  writeFileSync(
    file,
    `import {${names}} from '${api}'\nexport function run({ ${scope} }: any) {\n${code.replaceAll(imports, '')}}\n`,
  )
  const example: { run(scope: object): void } = await import(file)
  return example
}

test('the example in the README locks real files and names the one that changed', async () => {
  const example = await loadExample()
  writeFileSync(join(folder, 'a.ts'), 'export const a = 1\n')
  writeFileSync(join(folder, 'b.md'), '# b\n')
  writeFileSync(join(folder, 'c.bin'), Uint8Array.of(0, 1))
  const paths = ['a.ts', 'b.md', 'c.bin', 'gone.ts']
  const workspace: SourceReader = {
    read(path) {
      try {
        return { status: 'read', bytes: readFileSync(join(folder, path)) }
      } catch {
        return { status: 'missing' }
      }
    },
  }
  const run = (beforeCheck: () => void): string[] => {
    const printed: string[] = []
    const hashesNow = () => {
      beforeCheck()
      return ['a.ts', 'b.md', 'c.bin'].map((path) => ({ path, hash: bytesHash(readFileSync(join(folder, path))) }))
    }
    const console = { log: (line: string) => printed.push(line) }
    example.run({
      workspace,
      store: memoryStore(),
      redactor: testRedactor,
      clock,
      tokenCounter,
      paths,
      hashesNow,
      console,
    })
    return printed
  }
  expect(run(() => {})).toEqual(['matches'])
  expect(run(() => writeFileSync(join(folder, 'b.md'), '# changed\n'))).toEqual(['changed', 'changed: b.md'])
})

test('every error code and every exported function stands in the README', async () => {
  const source = readFileSync(new URL('../src/pack-error.ts', import.meta.url), 'utf8')
  for (const [, code = ''] of source.matchAll(/^ {2}\| '([A-Z_]+)'$/gm)) expect(readme).toContain(`\`${code}\``)
  const api = await import('../src/index.ts')
  const functions = Object.entries(api).filter(([name, value]) => typeof value === 'function' && name !== 'PackError')
  for (const [name] of functions) expect(readme).toContain(name)
})
