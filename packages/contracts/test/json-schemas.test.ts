import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'

import { SCHEMA_FOLDER, findNamedSchemas, jsonSchemaText } from '../scripts/json-schemas.ts'
import { brokenSamples, sampleOf } from '../src/testing.ts'
import type { JsonSchema } from '../src/testing.ts'

const named = await findNamedSchemas()
const ajv = () => new Ajv2020({ strict: true, allowUnionTypes: true })

test('the committed JSON Schemas are the ones the code gives', () => {
  const committed = readdirSync(SCHEMA_FOLDER).filter((name) => name.endsWith('.json'))
  expect(committed.sort(), 'run `npm run schemas`').toEqual(named.map(({ fileName }) => fileName).sort())
  for (const schema of named) {
    expect(readFileSync(join(SCHEMA_FOLDER, schema.fileName), 'utf8'), `${schema.id}: run \`npm run schemas\``).toBe(
      jsonSchemaText(schema),
    )
  }
})

describe.each(named)('$id', (entry) => {
  const { schema } = entry
  const root: JsonSchema = JSON.parse(jsonSchemaText(entry))
  const validate = ajv().compile(root)

  test('ajv and zod accept the same fitting samples', () => {
    for (const fullness of ['smallest', 'full'] as const) {
      const sample = sampleOf(root, root, fullness)
      expect(validate(sample), `ajv, ${fullness}: ${JSON.stringify(validate.errors)}`).toBe(true)
      const parsed = schema.safeParse(sample)
      expect(parsed.error?.issues, `zod, ${fullness}`).toBeUndefined()
    }
  })

  test('ajv and zod agree on samples with one thing changed', () => {
    let refused = 0
    for (const { name, value } of brokenSamples(sampleOf(root, root, 'full'))) {
      const byAjv = validate(value)
      if (!byAjv) refused += 1
      expect(schema.safeParse(value).success, name).toBe(byAjv)
    }
    expect(refused).toBeGreaterThan(0)
  })
})

test('one id in two modules is refused, whatever its spelling', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-schemas-'))
  try {
    const zod = pathToFileURL(join(import.meta.dirname, '../node_modules/zod/index.js')).href
    writeFileSync(
      join(folder, 'a.ts'),
      `import { z } from '${zod}'\nexport const A = z.string().meta({ id: 'OneName' })\n`,
    )
    writeFileSync(
      join(folder, 'b.ts'),
      `import { z } from '${zod}'\nexport const B = z.int().meta({ id: 'oneName' })\n`,
    )
    await expect(findNamedSchemas(folder)).rejects.toThrow('one-name.json is claimed by two schemas')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
