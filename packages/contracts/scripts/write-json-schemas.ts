// Writes schemas/*.json from the zod schemas of src/. Run after a record changed; a test fails until it was.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { SCHEMA_FOLDER, findNamedSchemas, jsonSchemaText } from './json-schemas.ts'

const named = await findNamedSchemas()
const fileNames = new Set(named.map(({ fileName }) => fileName))

mkdirSync(SCHEMA_FOLDER, { recursive: true })
for (const name of readdirSync(SCHEMA_FOLDER)) {
  if (name.endsWith('.json') && !fileNames.has(name)) rmSync(join(SCHEMA_FOLDER, name))
}
for (const schema of named) writeFileSync(join(SCHEMA_FOLDER, schema.fileName), jsonSchemaText(schema))
console.log(`${named.length} JSON Schemas written`)
