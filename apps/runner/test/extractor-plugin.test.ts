// A third party's extractor, the one of examples/, as a package of the workspace. Every command is a process of its own,
// since a changed plugin counts from the next start on.
import { openPackCache } from '@ctxlock/context-pack'
import { fileSourceId } from '@ctxlock/contracts/references'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { openStoredSession } from '../src/session/stored-session.ts'
import { ctxlock, ctxlockJson, Json } from './support/ctxlock.ts'
import { makeWorkspace, writeFiles } from './support/workspace.ts'

const EXAMPLE = new URL('../../../examples/extractor-example/src/index.ts', import.meta.url).href
const PACKAGE = 'node_modules/acme-ini'

/** The config is no source here, so that changing its plugins changes the builder and nothing else. */
const config = (plugins: readonly string[]) => ({
  'ctxlock.config.json': JSON.stringify({
    schema_version: 'ctxlock.config@1',
    sources: { include: ['conf/'] },
    plugins,
  }),
})

const plugin = (code: string) => ({
  [`${PACKAGE}/package.json`]: '{"name":"acme-ini","version":"1.0.0","type":"module","exports":"./index.js"}',
  [`${PACKAGE}/index.js`]: `import { iniPlugin } from ${JSON.stringify(EXAMPLE)}\n${code}`,
})
const RELEASED = plugin('export { iniPlugin }')
const NEXT_VERSION = plugin(
  'export const next = { ...iniPlugin, create: (...given) => ({ ...iniPlugin.create(...given), version: "2" }) }',
)

/** A locked workspace whose one source only the plugin can read. */
async function lockedWorkspace(): Promise<string> {
  const root = makeWorkspace({
    ...config(['acme-ini']),
    ...RELEASED,
    'conf/app.ini': '; the server\n[server]\nport = 1\n\n[log]\nlevel = debug\n',
  })
  const { code, stderr } = await ctxlock(['lock'], { cwd: root })
  expect(code, stderr).toBe(0)
  return root
}

function storedPack(root: string, path: string): Json {
  const session = openStoredSession(root, process.env)
  try {
    const pack = openPackCache(session.state.database).latest(fileSourceId(path))
    if (!pack) throw new Error(`no pack of ${path}`)
    return new Json(JSON.parse(new TextDecoder().decode(session.artifacts.get(pack.record.payload_hash))))
  } finally {
    session.close()
  }
}

test('lock packs with the extractor of a plugin, and check expects the same builder', async () => {
  const root = await lockedWorkspace()
  const pack = storedPack(root, 'conf/app.ini')
  expect(pack.at('coverage', 'extractor').text).toBe('ini@1')
  expect(pack.at('anchors').items.map((anchor) => anchor.at('excerpt_hint').text)).toEqual(['[server]', '[log]'])
  const { code, value } = await ctxlockJson(['check'], { cwd: root })
  expect(value.at('status').text).toBe('matches')
  expect(code).toBe(0)
})

test.each([
  ['the next version of a plugin', NEXT_VERSION],
  ['a plugin that the config no longer names', config([])],
])('%s changes the builder only, until it is locked again', async (_, change) => {
  const root = await lockedWorkspace()
  writeFiles(root, change)
  const { code, value } = await ctxlockJson(['check'], { cwd: root })
  expect(code).toBe(3)
  expect(value.raw).toMatchObject({ status: 'builder_changed', sources: [], rules: [], roles: [], tasks: [] })
  expect(value.at('builder', 'new', 'config_hash').text).not.toBe(value.at('builder', 'old', 'config_hash').text)

  expect((await ctxlock(['lock'], { cwd: root })).code).toBe(0)
  expect((await ctxlock(['check'], { cwd: root })).code).toBe(0)
})

test('a plugin that is named and not installed is refused by its name', async () => {
  const root = await lockedWorkspace()
  rmSync(join(root, PACKAGE), { recursive: true })
  for (const command of ['lock', 'check']) {
    const { code, stderr } = await ctxlock([command], { cwd: root })
    expect(code).toBe(2)
    expect(stderr).toContain('acme-ini (ERR_MODULE_NOT_FOUND: ')
  }
})
