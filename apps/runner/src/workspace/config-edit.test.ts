import { lstatSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { makeWorkspace } from '../../test/support/workspace.ts'
import { editConfig } from './config-edit.ts'

const CONFIG = 'ctxlock.config.json'
const ADD = { path: ['providers', -1], value: { provider_id: 'b' } }
const CHOOSE = { path: ['active_profile'], value: 'B' }

function edited(text: string, ...changes: Parameters<typeof editConfig>[1]): string {
  const root = makeWorkspace({ [CONFIG]: text })
  editConfig(root, changes)
  return readFileSync(join(root, CONFIG), 'utf8')
}

test('changes one value and keeps the rest as it was written', () => {
  const text = '{\n    "rules":   { "files": ["A.md"] },\n\n    "active_profile": "A"\n}'
  expect(edited(text, CHOOSE)).toBe(text.replace('"A"\n', '"B"\n'))
})

test.each([
  ['two blanks', '  ', '\n'],
  ['tabs', '\t', '\n'],
  ['line ends of Windows', '  ', '\r\n'],
])('puts an entry behind the last one, in %s', (_, indent, eol) => {
  const entry = (id: string) => ['{', `${indent}"provider_id": "${id}"`, '}'].map((line) => indent.repeat(2) + line)
  const file = (...entries: readonly string[]) =>
    ['{', `${indent}"rules":   {},`, `${indent}"providers": [`, ...entries, `${indent}]`, '}', ''].join(eol)
  const both = [...entry('a').slice(0, -1), `${indent.repeat(2)}},`, ...entry('b')]
  expect(edited(file(...entry('a')), ADD)).toBe(file(...both))
})

test('a file of one line stays valid, and several changes are one', () => {
  const text = edited('{"schema_version":"ctxlock.config@1","providers":[]}', ADD, CHOOSE)
  expect(JSON.parse(text)).toEqual({
    schema_version: 'ctxlock.config@1',
    providers: [{ provider_id: 'b' }],
    active_profile: 'B',
  })
})

test('a mark for the byte order stays in front', () => {
  expect(edited('\uFEFF{\n  "active_profile": "A"\n}', CHOOSE)).toBe('\uFEFF{\n  "active_profile": "B"\n}')
})

test('refuses a config in which the field stands twice, of which only one would be changed', () => {
  const root = makeWorkspace({ [CONFIG]: '{"active_profile":"A","active_profile":"C"}' })
  expect(() => editConfig(root, [CHOOSE])).toThrow(/`active_profile` stands in it twice/)
  expect(readFileSync(join(root, CONFIG), 'utf8')).toBe('{"active_profile":"A","active_profile":"C"}')
})

test('makes a config where there is none', () => {
  const root = makeWorkspace({})
  editConfig(root, [CHOOSE])
  expect(readFileSync(join(root, CONFIG), 'utf8')).toBe(
    '{\n  "schema_version": "ctxlock.config@1",\n  "active_profile": "B"\n}\n',
  )
})

test('a link stays a link, and the mode stays the mode', () => {
  const root = makeWorkspace({ [CONFIG]: '{}' })
  renameSync(join(root, CONFIG), join(root, 'shared.json'))
  symlinkSync('shared.json', join(root, CONFIG))
  const mode = statSync(join(root, CONFIG)).mode
  editConfig(root, [CHOOSE])
  expect(lstatSync(join(root, CONFIG)).isSymbolicLink()).toBe(true)
  expect(JSON.parse(readFileSync(join(root, 'shared.json'), 'utf8'))).toEqual({ active_profile: 'B' })
  expect(statSync(join(root, CONFIG)).mode).toBe(mode)
})

test('whatever stands in the config and however it is laid out, nothing else changes', () => {
  const root = makeWorkspace({ [CONFIG]: '{}' })
  const blanks = fc.constantFrom(undefined, 1, 2, 4, '\t', '   ')
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.array(fc.jsonValue()),
      blanks,
      (rest, providers, indent) => {
        // A name that a JSON text and an object literal understand differently is no field of any config.
        const config = Object.fromEntries(
          Object.entries({ ...rest, providers }).filter(([name]) => name !== '__proto__'),
        )
        writeFileSync(join(root, CONFIG), JSON.stringify(config, null, indent))
        editConfig(root, [ADD, CHOOSE])
        const expected = { ...config, providers: [...providers, ADD.value], active_profile: 'B' }
        expect(JSON.parse(readFileSync(join(root, CONFIG), 'utf8'))).toEqual(JSON.parse(JSON.stringify(expected)))
      },
    ),
    { numRuns: 200 },
  )
})

test('a value of many lines is laid out in a moment, as a short one is', () => {
  const models = Array.from({ length: 5000 }, (_, index) => ({ model_id: `model-${index}`, empty: [], none: {} }))
  const started = process.threadCpuUsage()
  const text = edited('{\n\t"providers": [\n\t\t{}\n\t]\n}', { path: ['providers', -1], value: { models } })
  expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(2000)
  expect(text).toContain(
    '\n\t\t{\n\t\t\t"models": [\n\t\t\t\t{\n\t\t\t\t\t"model_id": "model-0",\n\t\t\t\t\t"empty": [],',
  )
})

test('what could not be read again is not written', () => {
  const root = makeWorkspace({ [CONFIG]: '{"providers":[]}' })
  const value = { models: ['x'.repeat(1_048_576)] }
  expect(() => editConfig(root, [{ path: ['providers', -1], value }])).toThrow(/larger than 1048576 bytes/)
  expect(readFileSync(join(root, CONFIG), 'utf8')).toBe('{"providers":[]}')
})
