import type { PluginContext } from '@ctxlock/contracts/plugin'
import { createRegistry, exportedPlugins } from '@ctxlock/plugin-api'
import { extractorConformance } from '@ctxlock/plugin-api/testing'
import { expect, test } from 'vitest'

import * as example from '../src/index.ts'

const TEXT = '; the server\n[server]\nport = 1\n# TODO: more\n\n; last\n[log]\r\nlevel=debug'

const context: PluginContext = {
  clock: { now: () => 0, monotonic: () => 0 },
  random: { bytes: () => new Uint8Array(), uuid: () => '', fraction: () => 0 },
  timers: { after: () => () => {} },
  egress: { request: () => Promise.reject(new Error('no network')), close: () => Promise.resolve() },
  secret: { present: false, bearer: () => '' },
}

const cases = extractorConformance({
  create: () => example.iniPlugin.create({}, context),
  path: 'conf/app.ini',
  foreignPath: 'app.ts',
  text: TEXT,
})
for (const { name, run } of cases) test(name, run)

test('the registry starts it, and it finds the sections with the comments above them', async () => {
  const registry = createRegistry(exportedPlugins('your-package', example))
  const extractor = await registry.create('extractor', 'ini', {}, context)
  expect(extractor.extract(TEXT, 'app.ini')).toEqual({
    anchors: [
      { name: 'server', kind: 'section', hint: '[server]', depth: 0, startLine: 1, endLine: 3 },
      { name: 'log', kind: 'section', hint: '[log]', depth: 0, startLine: 6, endLine: 8 },
    ],
    openLoops: [{ text: 'TODO: more', startLine: 4, endLine: 4 }],
  })
  expect(extractor.extract('x'.repeat(2 ** 20 + 1), 'app.ini')).toEqual({ refused: 'too_large' })
})
