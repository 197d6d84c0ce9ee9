import type { PluginContext } from '@ctxlock/contracts/plugin'
import { describe, expect, test } from 'vitest'

import { exportedPlugins } from './exported-plugins.ts'
import { definePlugin } from './plugin.ts'
import { PluginError } from './plugin-error.ts'
import { createRegistry } from './registry.ts'

/** A Standard Schema written by hand: `{ pattern: string }`, answers late. */
const schema = {
  '~standard': {
    version: 1 as const,
    vendor: 'by hand',
    validate: async (value: unknown) => {
      await Promise.resolve()
      const pattern: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'pattern') : undefined
      if (typeof pattern === 'string') return { value: { pattern } }
      return { issues: [{ message: 'expected a string', path: ['pattern', { key: 0 }] }, { message: 'and\nmore' }] }
    },
  },
}

let started = 0
const sections = definePlugin({
  apiVersion: 'ctxlock.plugin@1',
  kind: 'extractor',
  name: 'sections',
  options: schema,
  create: ({ pattern }) => {
    started += 1
    return {
      name: 'sections',
      version: '1',
      matches: (path) => path.endsWith(pattern),
      extract: () => ({ anchors: [] }),
    }
  },
})

const CONTEXT: PluginContext = {
  clock: { now: () => 0, monotonic: () => 0 },
  random: { bytes: () => new Uint8Array(), uuid: () => '', fraction: () => 0 },
  timers: { after: () => () => {} },
  egress: { request: () => Promise.reject(new Error('no network')), close: () => Promise.resolve() },
  secret: { present: false, bearer: () => '' },
}

function refusal(plugins: readonly unknown[]): PluginError {
  try {
    createRegistry(plugins.map((plugin, index) => ({ source: `package-${index}`, plugin })))
  } catch (error) {
    if (error instanceof PluginError) return error
    throw error
  }
  throw new Error('expected a PluginError')
}

describe('createRegistry', () => {
  test('lists without starting, sorted by kind and name', () => {
    const registry = createRegistry([
      { source: 'b', plugin: { ...sections, name: 'zebra' } },
      { source: 'a', plugin: sections },
      { source: 'c', plugin: { ...sections, kind: 'sink' } },
    ])
    expect(registry.list()).toEqual([
      { kind: 'extractor', name: 'sections', source: 'a' },
      { kind: 'extractor', name: 'zebra', source: 'b' },
      { kind: 'sink', name: 'sections', source: 'c' },
    ])
    expect(registry.has('extractor', 'zebra')).toBe(true)
    expect(registry.has('provider', 'sections')).toBe(false)
    expect(started).toBe(0)
  })

  test('creates with validated options', async () => {
    const port = await createRegistry([{ source: 'a', plugin: sections }]).create(
      'extractor',
      'sections',
      { pattern: 'no', extra: 1 },
      CONTEXT,
    )
    expect([port.matches('a.no'), port.matches('a.yes')]).toEqual([true, false])
    expect(started).toBe(1)
  })

  test('options that are not valid never reach create', async () => {
    const before = started
    const creating = createRegistry([{ source: 'a', plugin: sections }]).create('extractor', 'sections', {}, CONTEXT)
    await expect(creating).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      issues: [
        { plugin: 'extractor sections', message: 'pattern.0: expected a string' },
        { plugin: 'extractor sections', message: 'and more' },
      ],
    })
    expect(started).toBe(before)
  })

  test('an unknown plugin is named together with those that exist', async () => {
    const registry = createRegistry([{ source: 'a', plugin: sections }])
    await expect(registry.create('extractor', 'setcions', {}, CONTEXT)).rejects.toMatchObject({
      code: 'UNKNOWN_PLUGIN',
      message: expect.stringContaining('there is sections'),
    })
    await expect(registry.create('provider', 'sections', {}, CONTEXT)).rejects.toMatchObject({
      code: 'UNKNOWN_PLUGIN',
      message: expect.stringContaining('there are none'),
    })
    await expect(registry.create('extractor', '__proto__', {}, CONTEXT)).rejects.toMatchObject({
      code: 'UNKNOWN_PLUGIN',
    })
  })

  test('what create throws passes through', async () => {
    const broken = definePlugin({
      ...sections,
      options: schema,
      create: () => {
        throw new RangeError('cannot start')
      },
    })
    await expect(
      createRegistry([{ source: 'a', plugin: broken }]).create('extractor', 'sections', { pattern: 'x' }, CONTEXT),
    ).rejects.toThrow(RangeError)
  })

  test.each([
    ['nothing', undefined, ['expected create to return an object that is the extractor, got undefined']],
    [
      'a version that is a number and no function',
      { name: 'sections', version: 1, matches: () => true },
      [
        'expected version of the extractor to be of type string, got number',
        'expected extract of the extractor to be of type function, got undefined',
      ],
    ],
  ])('what create returns is looked at: %s', async (_, port, messages) => {
    const broken = { ...sections, options: schema, create: () => port }
    const creating = createRegistry([{ source: 'a', plugin: broken }]).create(
      'extractor',
      'sections',
      { pattern: 'x' },
      CONTEXT,
    )
    await expect(creating).rejects.toMatchObject({
      code: 'INVALID_PORT',
      issues: messages.map((message) => ({ plugin: 'extractor sections', message })),
    })
  })

  test('everything that is wrong with any plugin comes in one error', () => {
    const error = refusal([
      sections,
      undefined,
      'text',
      { ...sections, apiVersion: 'ctxlock.plugin@0' },
      { ...sections, kind: 'magic', name: 'Bad Name', options: {}, create: 'no' },
      sections,
    ])
    expect(error.code).toBe('INVALID_PLUGINS')
    expect(error.issues.map(({ plugin, message }) => `${plugin}: ${message}`)).toEqual([
      'package-1: expected a plugin object, got undefined',
      'package-2: expected a plugin object, got string',
      'package-3: expected apiVersion "ctxlock.plugin@1", got "ctxlock.plugin@0"; install a release made for this version',
      'package-4: expected kind to be one of provider, guard, extractor, sink, got "magic"',
      'package-4: expected name to match ^[a-z0-9][a-z0-9_-]{0,63}$, got "Bad Name"',
      'package-4: expected options to be a Standard Schema (version 1), for example a zod schema',
      'package-4: expected create to be a function, got string',
      'package-5: the extractor "sections" already comes from package-0',
    ])
    for (const { message } of error.issues) expect(error.message).toContain(message)
  })

  test('a plugin whose getters throw is a broken plugin, not a crash', () => {
    const hostile = {
      get apiVersion(): string {
        throw new Error('gotcha')
      },
    }
    expect(refusal([hostile]).issues).toHaveLength(1)
  })

  test('a schema may be a function, as some libraries make them', () => {
    const callable = Object.assign(() => true, schema)
    expect(createRegistry([{ source: 'a', plugin: { ...sections, options: callable } }]).list()).toHaveLength(1)
  })

  test('the same name may be used by another kind', () => {
    expect(
      createRegistry([
        { source: 'a', plugin: sections },
        { source: 'b', plugin: { ...sections, kind: 'sink' } },
      ]).list(),
    ).toHaveLength(2)
  })

  test('plugins are found among the exports of a module', () => {
    const module = {
      zebra: { ...sections, name: 'zebra' },
      helper: () => 1,
      sections,
      text: 'x',
      nothing: null,
      schema,
    }
    expect(
      createRegistry(exportedPlugins('pkg', module))
        .list()
        .map(({ name }) => name),
    ).toEqual(['sections', 'zebra'])
    expect(refusal(exportedPlugins('empty', { helper: 1 }).map(({ plugin }) => plugin)).issues).toHaveLength(1)
  })

  test('a plugin that is also the default export, as module.exports is, counts once', () => {
    const module = { default: sections, 'module.exports': sections, sections }
    expect(createRegistry(exportedPlugins('pkg', module)).list()).toHaveLength(1)
  })

  test('a defined plugin cannot be changed', () => {
    expect(Object.isFrozen(sections)).toBe(true)
  })
})
