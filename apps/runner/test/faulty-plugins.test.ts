// Plugins of third parties as packages are published, and the faults their authors make, judged by the real command: what a
// plugin does wrong is said in its name, and is no bug of ours.
import { expect, test } from 'vitest'

import { ctxlock } from './support/ctxlock.ts'
import { makeWorkspace } from './support/workspace.ts'

const SCHEMA = `{ '~standard': { version: 1, vendor: 'acme', validate: (value) => ({ value }) } }`
const PARTS = `name: 'quill', version: '1', matches: (path) => path.endsWith('.quill')`
const EXTRACT = `extract: () => ({ anchors: [{ name: 'a', kind: 'b', hint: 'c', depth: 0, startLine: 1, endLine: 1 }] })`

const plugin = (create: string, kind = 'extractor', options = SCHEMA) =>
  `{ apiVersion: 'ctxlock.plugin@1', kind: '${kind}', name: 'quill', options: ${options}, create: ${create} }`

/** A workspace with a package of a plugin: its manifest beyond the name, and its code. */
function workspace(manifest: string, code: string): string {
  return makeWorkspace({
    'book.quill': 'text\n',
    'ctxlock.config.json': JSON.stringify({
      schema_version: 'ctxlock.config@1',
      sources: { include: ['book.quill'] },
      plugins: ['acme'],
    }),
    'node_modules/acme/package.json': `{ "name": "acme", "version": "1.0.0", ${manifest} }`,
    'node_modules/acme/index.js': code,
  })
}

const GOOD = plugin(`() => ({ ${PARTS}, ${EXTRACT} })`)

test.each([
  ['for `import` only', '"type": "module", "exports": { "import": "./index.js" }', `export const quill = ${GOOD}`],
  [
    'that is its own default export too',
    '"type": "module", "exports": "./index.js"',
    `export const quill = ${GOOD}\nexport default quill`,
  ],
  ['in CommonJS', '"main": "index.js"', `module.exports = ${GOOD}`],
])('a package %s is loaded', async (_, manifest, code) => {
  const { code: exit, stderr, stdout } = await ctxlock(['providers'], { cwd: workspace(manifest, code) })
  expect(exit, stderr).toBe(0)
  expect(stdout).toContain('extractor quill  from acme')
})

test.each([
  ['throws when it is imported', 'throw new Error("set ACME first")', 'acme (set ACME first)'],
  [
    'needs what is not installed',
    'import "not-there"',
    "acme (ERR_MODULE_NOT_FOUND: Cannot find package 'not-there' imported from",
  ],
  ['throws when it is started', `() => { throw new Error('no licence') }`, 'failed when it was started: no licence'],
  [
    'has a schema that throws',
    plugin('() => ({})', 'extractor', SCHEMA.replace('({ value })', 'value.x.y')),
    'started',
  ],
  ['returns nothing', '() => undefined', 'expected create to return an object that is the extractor, got undefined'],
  ['has no version', `() => ({ ${PARTS.replace("version: '1'", 'release: 1')}, ${EXTRACT} })`, 'expected version of'],
  [
    'cannot prepare',
    `() => ({ ${PARTS}, ${EXTRACT}, prepare: async () => { throw new Error('no grammar') } })`,
    'no grammar',
  ],
  ['cannot tell its paths', `() => ({ ...{ ${PARTS}, ${EXTRACT} }, matches: (path) => path.x.y })`, '`matches` of'],
])('a plugin that %s is named', async (_, code, said) => {
  const module = /^(?:throw|import)/.test(code)
    ? code
    : `export const quill = ${code.startsWith('{') ? code : plugin(code)}`
  const root = workspace('"type": "module", "exports": "./index.js"', module)
  const { code: exit, stderr } = await ctxlock(['lock'], { cwd: root })
  expect(stderr).toContain(said)
  expect(stderr).toContain('in the config')
  expect(exit).toBe(2)
})

test.each([
  ['reads it', EXTRACT, 'read by    quill@1, 1 anchor\n'],
  ['throws', `extract() { throw new Error('no') }`, '; the extractor for such a path gave `extractor_failed`\n'],
  ['answers late', 'async extract() { return { anchors: [] } }', 'gave `invalid_output`\n'],
])('why says whether the extractor of a plugin %s', async (_, extract, said) => {
  const module = `export const quill = ${plugin(`() => ({ ${PARTS}, ${extract} })`)}`
  const root = workspace('"type": "module", "exports": "./index.js"', module)
  const { code, stdout } = await ctxlock(['why', 'book.quill'], { cwd: root })
  expect(stdout).toContain(said)
  expect(code).toBe(0)
})
