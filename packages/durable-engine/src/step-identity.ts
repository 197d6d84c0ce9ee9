import type { JsonValue } from '@ctxlock/core-hash'

import { toStoredJson, type StoredJson } from './stored-json.ts'

/** What a step is known by beside its key: its activity and what that is given, by hash. Another one under the key is an error. */
export function stepIdentity(activity: string, input: StoredJson): string {
  return toStoredJson([activity, input.hash], 'the identity of a step').hash
}

/** The same for whoever holds the input itself. Throws `NOT_JSON` and `TOO_LARGE`. */
export function identityOfStep(activity: string, input: JsonValue): string {
  return stepIdentity(activity, toStoredJson(input, 'the input of a step'))
}
