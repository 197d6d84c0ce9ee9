import { isObject, listOf, objectOf, textOf } from '../../../../packages/provider-kit/src/index.ts'
import type { JsonObject } from '../../../../packages/provider-kit/src/index.ts'

/** One exchange: what to ask, what the server does, what must come of it. */
export interface ProviderCase {
  readonly id: string
  readonly provider: string
  readonly input: JsonObject
  readonly options: JsonObject
  readonly expect: JsonObject
  readonly expectRequest: JsonObject
  readonly server: readonly JsonObject[]
  readonly clock: string | undefined
  readonly transport: string | undefined
  readonly noNetwork: boolean
}

export function readCase(value: unknown): ProviderCase {
  if (!isObject(value) || typeof value['id'] !== 'string')
    throw new Error('Expected every case to be an object with an id.')
  return {
    id: value['id'],
    provider: textOf(value['provider']) ?? '',
    input: objectOf(value['input']),
    options: objectOf(value['options']),
    expect: objectOf(value['expect']),
    expectRequest: objectOf(value['expectRequest']),
    server: listOf(value['server']).map(objectOf),
    clock: textOf(value['clock']),
    transport: textOf(value['transport']),
    noNetwork: value['noNetwork'] === true,
  }
}
