import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { codePointsPerFour } from '@ctxlock/contracts/token-counter'
import { expect, onTestFinished, test } from 'vitest'

import { filesOf, folderReader } from './support/folder.ts'
import { countingStamps, folding } from './support/ports.ts'
import { makeWorkspace, openDatabase } from './support/workspace.ts'

/** The README's example as a module whose free names are the parameters of the exported `run`. */
async function loadExample(): Promise<{ run(scope: object): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'context-compiler-readme-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const [, names = ''] = /^import \{([^}]*)\} from '@ctxlock\/context-compiler'$/m.exec(code) ?? []
  const api = new URL('../src/index.ts', import.meta.url).href
  const file = join(folder, 'example.mts')
  const scope = 'database, files, reader, counter, folding, stamps, print'
  writeFileSync(
    file,
    `import {${names}} from '${api}'\nexport async function run({ ${scope} }) {\n${code.replace(/^import .*$/m, '')}}\n`,
  )
  return import(file)
}

test('the example in the README finds the function, says why, and renders the prompt', async () => {
  const root = makeWorkspace({
    'src/checksum.ts': '/** Computes the checksum of a box. */\nexport function computeChecksum(bytes) {}\n',
    'src/depot.ts': 'export const capacity = 3\n',
    'notes.md': 'Nothing about it.\n',
  })
  const lines: string[] = []
  const example = await loadExample()
  await example.run({
    database: openDatabase(),
    files: filesOf(root),
    reader: folderReader(root),
    counter: codePointsPerFour,
    folding,
    stamps: countingStamps(),
    print: (line: string) => lines.push(line),
  })
  const [rules, prompt = ''] = lines.splice(-2)
  expect(lines).toEqual([
    'file:src/depot.ts lines:1-1: named by the task; holds 0 of 3 query terms',
    'file:src/checksum.ts lines:1-2: holds 3 of 3 query terms',
  ])
  expect(rules).toBe('Answer from the sources only.')
  expect(prompt.replaceAll(/[0-9a-f]{16}/g, 'NONCE')).toBe(
    [
      '<<source NONCE lines:1-1 file:src/depot.ts>>\nexport const capacity = 3\n<<end NONCE>>',
      '<<source NONCE lines:1-2 file:src/checksum.ts>>\n/** Computes the checksum of a box. */\nexport function computeChecksum(bytes) {}\n<<end NONCE>>',
      'How is the checksum of a box computed?',
    ].join('\n\n'),
  )
})
