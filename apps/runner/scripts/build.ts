// Bundles the command into `dist/`: a small start file and one chunk for each thing a command loads (decisions/0024). Loading
// 150 modules one by one takes longer than `ctxlock check` may.
import { hash } from 'node:crypto'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import { rolldown, type OutputChunk } from 'rolldown'

import { withoutBuiltInImports } from './built-in-imports.ts'
import { writeBundledLicenses } from './bundled-licenses.ts'
import manifest from '../package.json' with { type: 'json' }

const folder = join(import.meta.dirname, '..')
const output = join(folder, 'dist')
/** What is served to a browser, or handed to one as a file. */
const pages = ['console', 'report']
const external = Object.keys(manifest.dependencies)
// A worker is started by the name of its file beside the one that starts it, so everything lies in one folder.
const workers = globSync('src/**/*-worker.ts', { cwd: folder }).map((path) => [basename(path, '.ts'), path])

/** What nearly every command begins with, in one file instead of fifteen: each takes half a millisecond to find and read. */
const LISTING_AND_HASHING =
  /\/(?:core-hash\/src|context-pack\/src\/sources|node_modules\/ignore|runner\/src\/environment\/(?:ignore|own|regular|source-exclusion|workspace)|runner\/src\/lock\/source-survey)\b/

/** Of that, what every command begins with, `--help` too. */
const EXIT_CODES = /\/runner\/src\/exit-code\b/

rmSync(output, { recursive: true, force: true })
const bundle = await rolldown({
  cwd: folder,
  input: { main: 'src/main.ts', index: 'src/index.ts', 'ai-sdk': 'src/ai-sdk.ts', ...Object.fromEntries(workers) },
  platform: 'node',
  // Its other form asks for its own modules at run time, where a bundle has none.
  resolve: { alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' } },
  external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
  onLog(level, log) {
    if (level === 'warn') throw new Error(log.message)
  },
})
const { output: written } = await bundle.write({
  dir: output,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  plugins: [{ name: 'built-in-imports', renderChunk: withoutBuiltInImports }],
  codeSplitting: {
    groups: [
      { name: 'exit-code', test: EXIT_CODES, priority: 1 },
      { name: 'listing-and-hashing', test: LISTING_AND_HASHING },
    ],
  },
})
await bundle.close()
const chunks = written.filter((file): file is OutputChunk => file.type === 'chunk')
for (const { name, modules } of chunks)
  if (name === 'listing-and-hashing' && Object.keys(modules).some((id) => id.includes('node_modules/zod')))
    throw new Error('Expected what listing and hashing load to need no schemas; leave the file that brings them out.')
// By it a remembered check knows that the same program would look again (src/remembered).
writeFileSync(
  join(output, 'build-id'),
  hash('sha256', chunks.map(({ fileName, code }) => `${fileName}\n${code}`).join('\n')),
)
for (const name of pages) cpSync(join(folder, '..', name, 'dist'), join(output, name), { recursive: true })
writeBundledLicenses(
  [...chunks.flatMap(({ modules }) => Object.keys(modules)), ...pages.flatMap(bundledByPages)],
  join(output, 'THIRD-PARTY-LICENSES.txt'),
)

/** The packages of others that stand in the bundle of pages. */
function bundledByPages(name: string): string[] {
  const app = join(folder, '..', name)
  const { dependencies }: typeof manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
  const foreign = Object.keys(dependencies).filter((dependency) => !dependency.startsWith('@ctxlock/'))
  return foreign.map((dependency) => join(app, 'node_modules', dependency, 'package.json'))
}
