import type { PluginContext } from '@ctxlock/contracts/plugin'
import { exampleCall } from '@ctxlock/contracts/testing'
import { createRegistry, exportedPlugins } from '@ctxlock/plugin-api'
import { guardConformance } from '@ctxlock/plugin-api/testing'
import { expect, test } from 'vitest'

import * as example from '../src/index.ts'

const context: PluginContext = {
  clock: { now: () => 0, monotonic: () => 0 },
  random: { bytes: () => new Uint8Array(), uuid: () => '', fraction: () => 0 },
  timers: { after: () => () => {} },
  egress: { request: () => Promise.reject(new Error('no network')), close: () => Promise.resolve() },
  secret: { present: false, bearer: () => '' },
}
const callOver = (text: string) => exampleCall({ files: { 'notes/plan.md': text } })
const SECRET = 'we buy the orchid farm'

const cases = guardConformance({
  create: () => example.confidentialPlugin.create({}, context),
  passing: callOver(`# Plan\n${SECRET}`),
  refused: callOver(`<!-- Confidential: board only -->\n# Plan\n${SECRET}`),
  markers: [SECRET],
})
for (const { name, run } of cases) test(name, run)

const started = () =>
  createRegistry(exportedPlugins('your-package', example)).create('guard', 'confidential', {}, context)

test.each([
  ['# Confidential\nx', ['confidential']],
  ['\ufeff// CONFIDENTIAL', ['confidential']],
  ['', []],
  ['# Confidentiality of boxes\nconfidential', []],
  [`${' '.repeat(600)}confidential`, []],
])('%j', async (text, reasons) => {
  const { errors } = (await (await started()).validateCall?.(callOver(text))) ?? { errors: [] }
  expect(errors.map(({ details }) => details['reason'])).toEqual(reasons)
})

test('a file that cannot be read is refused', async () => {
  const call = callOver('# Plan')
  const ports = { ...call.ports, sources: { read: () => ({ status: 'missing' as const }) } }
  expect(await (await started()).validateCall?.({ ...call, ports })).toMatchObject({
    verdict: 'fail',
    errors: [{ code: 'GuardRefused', details: { reason: 'unreadable' } }],
  })
})
