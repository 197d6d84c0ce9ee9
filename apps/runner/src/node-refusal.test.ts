import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import manifest from '../package.json' with { type: 'json' }
import { nodeRefusal } from './node-refusal.ts'

const MAIN = join(import.meta.dirname, 'main.ts')

test('an older Node is named with the one that is needed', () => {
  expect(nodeRefusal('20.19.5')).toMatch(
    /^error: ctxlock needs Node 24 or newer; this is Node 20\.19\.5\n {2}Install .+\n$/,
  )
  expect(nodeRefusal('9.11.2')).toBeDefined()
  expect(nodeRefusal('24.0.0')).toBeUndefined()
  expect(nodeRefusal('100.1.0')).toBeUndefined()
  expect(manifest.engines.node).toBe('>=24')
})

test('the command says it before it loads anything else, and fails as a machine does', () => {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.1.0' } })`
  const args = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, MAIN, 'lock']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: nodeRefusal('22.1.0') })
  expect(execFileSync(process.execPath, [MAIN, '--version'], { encoding: 'utf8' })).toMatch(/^\d+\./)
})
