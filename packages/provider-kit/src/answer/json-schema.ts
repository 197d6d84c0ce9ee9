import { ProviderError } from '@ctxlock/contracts/provider'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv'

import { isObject } from '../wire/json.ts'
import type { Json } from '../wire/json.ts'

/** Where a value breaks its schema, by the place in the schema and its keyword; the value is the model's and stays out. */
export interface SchemaViolation {
  readonly path: string
  readonly keyword: string
}

export type SchemaCheck = (value: unknown) => SchemaViolation | undefined

/**
 * Compiles a JSON Schema of a tool or an answer format. The schema comes from the caller, the value from the model: answers
 * are always checked here, because servers ignore schemas silently. Throws `invalid_request` for an unusable schema.
 */
export function compileSchema(schema: Json, name: string): SchemaCheck {
  const validate = compile(schema, name)
  return (value) => {
    if (validate(value)) return undefined
    const [first] = validate.errors ?? []
    return { path: first?.schemaPath ?? '', keyword: first?.keyword ?? 'unknown' }
  }
}

let shared: Ajv2020 | undefined

/**
 * One instance, made when it is first needed: making it costs more than fifty schemas. It must not remember them, since
 * schemas of different calls may share an $id and there is no end to them.
 */
function compiler(): Ajv2020 {
  shared ??= new Ajv2020({ strict: false, validateFormats: false, addUsedSchema: false, logger: false })
  return shared
}

function compile(schema: Json, name: string): ValidateFunction {
  try {
    if (!isObject(schema)) throw new TypeError('not an object')
    // Draft 7 documents name a meta schema this instance does not hold; the keywords are the same.
    const { $schema: _, ...members } = schema
    const validate = compiler().compile(members)
    compiler().removeSchema(members)
    return validate
  } catch (error) {
    throw new ProviderError(
      'invalid_request',
      `The JSON Schema of ${name} cannot be used.`,
      { attempts: 0, reason: 'schema' },
      { cause: error },
    )
  }
}
