import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import * as browserApi from '../src/browser.ts'
import * as filesApi from '../src/files.ts'
import * as api from '../src/index.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

test('the example runs and prints what its comments say', async () => {
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(20)
  const expected = Array.from(code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm), ([, output]) => output)
  expect(expected).toHaveLength(5)
  const folder = await mkdtemp(join(tmpdir(), 'core-hash-readme-'))
  try {
    const file = join(folder, 'example.ts')
    await writeFile(
      file,
      code.replace("'@ctxlock/core-hash'", JSON.stringify(new URL('../src/index.ts', import.meta.url).href)),
    )
    const { stdout } = await promisify(execFile)(process.execPath, [file])
    expect(stdout.trimEnd().split('\n')).toEqual(expected)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('names every export and every code', async () => {
  for (const name of Object.keys({ ...api, ...filesApi })) expect(readme).toContain(name)
  const onlyNode = Object.keys(api).filter((name) => !(name in browserApi))
  expect(onlyNode.sort()).toEqual(['fileHash', 'hashesEqual', 'keyedDigest', 'unicodeVersion'])
  const codes =
    (await readFile(new URL('../src/canon-error.ts', import.meta.url), 'utf8')).match(/CANON_[A-Z_]+/g) ?? []
  expect(codes.length).toBeGreaterThan(15)
  for (const code of codes) expect(readme).toContain(`\`${code}\``)
})
