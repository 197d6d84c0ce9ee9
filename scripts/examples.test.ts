// Each example is copied out of the tree, as its README says, and must stand there: typecheck, tests, build, and what npm packs.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
/** What the READMEs have a person install beside the packages of ctxlock. */
const TOOLS = ['vitest', 'typescript', '@types/node']
const folder = mkdtempSync(join(tmpdir(), 'ctxlock-examples-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each(readdirSync(join(ROOT, 'examples')))('%s stands alone', { timeout: 180_000 }, async (name) => {
  const copy = join(folder, name)
  cpSync(join(ROOT, 'examples', name), copy, {
    recursive: true,
    filter: (path) => !/\/(?:node_modules|dist)$/.test(path),
  })
  for (const modules of installed(join(ROOT, 'examples', name)))
    link(modules.from, join(copy, 'node_modules', modules.name))
  for (const tool of TOOLS) link(join(ROOT, 'node_modules', tool), join(copy, 'node_modules', tool))

  const run = (command: string, ...args: string[]) => promisify(execFile)(command, args, { cwd: copy })
  const bin = (tool: string) => join(ROOT, 'node_modules/.bin', tool)
  await run(bin('tsc'), '-p', 'tsconfig.json', '--noEmit')
  await run(bin('vitest'), 'run', '--maxWorkers=1')
  await run(bin('tsc'), '-p', 'tsconfig.build.json')
  expect(await packed(run)).toContain('dist/index.js')
  // What somebody who installed it imports.
  const code = `console.log(Object.keys(await import('./dist/index.js')).join())`
  const { stdout } = await run(process.execPath, '--input-type=module', '--eval', code)
  expect(stdout).toMatch(/Plugin$/m)
})

function installed(example: string): { readonly name: string; readonly from: string }[] {
  const modules = join(example, 'node_modules')
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
    )
    .map((name) => ({ name, from: join(modules, name) }))
}

function link(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  symlinkSync(from, to)
}

async function packed(run: (command: string, ...args: string[]) => Promise<{ stdout: string }>): Promise<string[]> {
  const { stdout } = await run('npm', 'pack', '--dry-run', '--json', '--ignore-scripts')
  const [pack]: { files: { path: string }[] }[] = JSON.parse(stdout)
  return (pack?.files ?? []).map(({ path }) => path)
}
