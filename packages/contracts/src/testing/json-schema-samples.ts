// Values made from a published JSON Schema, for tests: one that fits, and many that each break one rule of it.
// Works on the JSON Schema alone, so that what it says about a zod schema is a second opinion.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export interface JsonSchema {
  $ref?: string
  $defs?: Record<string, JsonSchema>
  type?: string
  const?: Json
  enum?: Json[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: JsonSchema | boolean
  propertyNames?: JsonSchema
  items?: JsonSchema
  minItems?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  minimum?: number
  exclusiveMinimum?: number
}

/** Which optional properties, and how many items, a sample has. */
export type Fullness = 'smallest' | 'full'

// A string is found by trying these in turn: no regular expression is taken apart.
const WORDS = [
  'a',
  'sample',
  '11111111-1111-4111-8111-111111111111',
  '2026-01-02T03:04:05.678Z',
  'lines:1-2',
  '/objects/a',
  'src/',
  'LAW:A',
  'MT-001',
  'MT-001_iter-001',
  'D00',
  'G0:PASS',
  '1.0',
  ...[64, 32, 16, 12].flatMap((length) => ['', 'f-', 'c-', 'l-', 'a-'].map((prefix) => prefix + 'a'.repeat(length))),
  'https://example.com',
]

/** A value that fits a schema: with as little, or as much, as it allows. `root` holds what `$ref` names. */
export function sampleOf(schema: JsonSchema, root: JsonSchema, fullness: Fullness, depth = 0): Json {
  if (schema.$ref !== undefined) return sampleOf(resolve(schema.$ref, root), root, fullness, depth)
  if (schema.allOf) return sampleOf(merged(schema), root, fullness, depth)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return firstOf(schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  // Deep inside a schema that contains itself only the last choice, the one without itself, ends.
  if (choices) return sampleOf(firstOf(choices), root, depth > 8 ? 'smallest' : fullness, depth + 1)
  switch (schema.type) {
    case 'object':
      return sampleObject(schema, root, fullness, depth)
    case 'array': {
      const length = Math.max(schema.minItems ?? 0, fullness === 'full' && depth < 8 ? 1 : 0)
      return Array.from({ length }, () => sampleOf(schema.items ?? {}, root, fullness, depth + 1))
    }
    case 'string':
      return sampleString(schema)
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum ?? -1) + 1
    case 'boolean':
      return true
    default:
      return null
  }
}

function sampleObject(schema: JsonSchema, root: JsonSchema, fullness: Fullness, depth: number): Json {
  const sample: { [key: string]: Json } = {}
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (fullness === 'smallest' && !schema.required?.includes(key)) continue
    sample[key] = sampleOf(property, root, fullness, depth + 1)
  }
  const others = schema.additionalProperties
  if (typeof others === 'object' && fullness === 'full' && depth < 8) {
    sample[sampleString(schema.propertyNames ?? {})] = sampleOf(others, root, fullness, depth + 1)
  }
  return sample
}

function sampleString(schema: JsonSchema): string {
  const patterns = [schema, ...(schema.allOf ?? [])].flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern]))
  const fits = (word: string) =>
    word.length >= (schema.minLength ?? 0) &&
    word.length <= (schema.maxLength ?? Infinity) &&
    patterns.every((pattern) => new RegExp(pattern, 'u').test(word))
  const word = WORDS.find(fits)
  if (word === undefined) throw new Error(`No sample word fits ${patterns.join(' and ')}: add one.`)
  return word
}

export interface BrokenSample {
  readonly name: string
  readonly value: Json
}

/** Copies of a fitting value, each with one thing changed. Almost all of them break the schema; the caller knows which must. */
export function brokenSamples(value: Json): BrokenSample[] {
  const samples: BrokenSample[] = []
  for (const { path, node } of nodesOf(value)) {
    const name = `/${path.join('/')}`
    const add = (what: string, replacement: Json) =>
      samples.push({ name: `${name}: ${what}`, value: replaced(value, path, replacement) })

    if (typeof node === 'string') {
      for (const [what, text] of STRINGS) add(what, text)
      add('a line break added', `${node}\n`)
    } else if (typeof node === 'number') {
      for (const [what, number] of NUMBERS) add(what, number)
    } else if (typeof node === 'boolean') {
      add('a number', 1)
    } else if (Array.isArray(node)) {
      add('an object', {})
      add(
        'too many items',
        Array.from({ length: 5000 }, () => node[0] ?? 'a'),
      )
      add('a foreign item', [...node, { foreign: [] }])
    } else if (node !== null) {
      add('an array', [])
      add('an unknown key', { ...node, unknown_key: 1 })
      for (const key of Object.keys(node)) {
        const { [key]: _, ...rest } = node
        add(`without ${key}`, rest)
      }
    }
    add('null', null)
  }
  return samples
}

const STRINGS: [string, Json][] = [
  ['a number', 7],
  ['empty', ''],
  ['far too long', 'x'.repeat(40_000)],
  ['not of any vocabulary', 'NOT-A-MEMBER \u{1F600}'],
]
const NUMBERS: [string, Json][] = [
  ['a string', '1'],
  ['negative', -1],
  ['a fraction', 0.5],
  ['beyond the safe integers', 2 ** 60],
]

function nodesOf(value: Json, path: string[] = []): { path: string[]; node: Json }[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return [{ path, node: value }, ...inner.flatMap(([key, node]) => nodesOf(node, [...path, key]))]
}

function replaced(value: Json, [key, ...rest]: string[], replacement: Json): Json {
  if (key === undefined) return replacement
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaced(item, rest, replacement) : item))
  if (typeof value !== 'object' || value === null) return value
  return { ...value, [key]: replaced(value[key] ?? null, rest, replacement) }
}

function merged({ allOf, ...schema }: JsonSchema): JsonSchema {
  const patterns = (allOf ?? []).filter(({ pattern }) => pattern !== undefined)
  const others = (allOf ?? []).filter(({ pattern }) => pattern === undefined)
  const result: JsonSchema = Object.assign({}, schema, ...others)
  if (result.type === 'string' || patterns.length > 0)
    return { type: 'string', ...result, const: sampleString({ ...result, allOf: patterns }) }
  return result
}

export function resolve(reference: string, root: JsonSchema): JsonSchema {
  if (reference === '#') return root
  const name = reference.replace('#/$defs/', '')
  const found = root.$defs?.[name]
  if (!found) throw new Error(`No $defs entry for ${reference}`)
  return found
}

function firstOf<Item>(items: readonly Item[]): Item {
  const [first] = items
  if (first === undefined) throw new Error('Expected at least one choice')
  return first
}
