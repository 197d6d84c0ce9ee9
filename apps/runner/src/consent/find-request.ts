import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { consentRequests, prepareTables, type StoredConsentRequest } from '@ctxlock/governance'

import { unknownId } from '../session/unknown-id.ts'

/** Every request, the oldest first; none in a state that no version with consent has opened. */
export function storedRequests(database: SqlDatabase): StoredConsentRequest[] {
  prepareTables(database)
  return consentRequests(database)
}

/** By the id of the request or of its receipt, a unique beginning of either, or `last`. Throws `REQUEST_UNKNOWN`. */
export function findRequest(database: SqlDatabase, name: string): StoredConsentRequest {
  const requests = storedRequests(database)
  const last = requests.at(-1)
  if (name === 'last' && last) return last
  const named = (id: string | undefined) => name !== '' && id?.startsWith(name) === true
  const [found, ...others] = requests.filter(
    ({ asked, answer }) => named(asked.request.request_id) || named(answer?.receipt.consent_receipt_id),
  )
  if (found && others.length === 0) return found
  throw unknownId(name, {
    code: 'REQUEST_UNKNOWN',
    what: 'request for consent',
    hint: 'Run `ctxlock consent list`.',
  })
}
