import { readdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { join } from 'node:path'

import { z } from 'zod'

export const SOURCE_FOLDER = fileURLToPath(new URL('../src', import.meta.url))
export const SCHEMA_FOLDER = fileURLToPath(new URL('../schemas', import.meta.url))

export interface NamedSchema {
  readonly id: string
  readonly fileName: string
  readonly schema: z.ZodType
}

/**
 * Every exported zod schema with a `.meta({ id })`, of every top-level module, sorted by id. A module is found by being there.
 * Throws when two different schemas carry one id or lead to one file.
 */
export async function findNamedSchemas(folder: string = SOURCE_FOLDER): Promise<NamedSchema[]> {
  const found = new Map<string, NamedSchema>()
  const modules = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  for (const name of modules.sort()) {
    const exported: Record<string, unknown> = await import(pathToFileURL(join(folder, name)).href)
    for (const schema of Object.values(exported)) {
      const id = schema instanceof z.ZodType ? schema.meta()?.id : undefined
      if (!(schema instanceof z.ZodType) || id === undefined) continue
      const fileName = `${kebabCase(id)}.json`
      const earlier = found.get(fileName)
      if (earlier && earlier.schema !== schema) {
        throw new Error(`${fileName} is claimed by two schemas, ${earlier.id} and ${id} of ${name}: rename one.`)
      }
      found.set(fileName, { id, fileName, schema })
    }
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The JSON Schema 2020-12 of one record, complete in itself, as the text of its file. */
export function jsonSchemaText({ id, schema }: NamedSchema): string {
  const document = {
    $id: `urn:ctxlock:schema:${kebabCase(id)}`,
    title: id,
    ...z.toJSONSchema(schema, { target: 'draft-2020-12', unrepresentable: 'throw', cycles: 'ref' }),
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** `ContextPackRecord` becomes `context-pack-record`. */
function kebabCase(id: string): string {
  return id.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase()
}
