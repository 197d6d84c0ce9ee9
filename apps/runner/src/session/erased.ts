import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { signedOrders, type ErasureOrder } from '@ctxlock/flight-recorder'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

/** Throws `PAYLOAD_ERASED` when an order had everything erased that was kept of a call; `name` may be the beginning of its id. */
export function refuseErasedCall(database: SqlDatabase, name: string): void {
  refuse(database, `call ${name}`, ({ payload }) => name !== '' && payload.calls.some((id) => id.startsWith(name)))
}

/** The same for a run, or for events of it. */
export function refuseErasedRun(database: SqlDatabase, name: string): void {
  const isNamed = ({ payload: { run_ids, runs } }: ErasureOrder) =>
    [...run_ids, ...runs.map(({ workflow_run_id }) => workflow_run_id)].some((id) => id.startsWith(name))
  refuse(database, `run ${name}`, (order) => name !== '' && isNamed(order))
}

function refuse(database: SqlDatabase, what: string, isMeant: (order: ErasureOrder) => boolean): void {
  const order = signedOrders(database).findLast(isMeant)
  if (!order) return
  const { timestamp, payload, seq } = order
  const by = payload.cause === 'retention' ? 'retention' : (payload.user_id ?? 'a person')
  throw new CommandError({
    // Like a source that is gone: nothing is broken, and the bytes cannot be made again (decisions/0043).
    exit: EXIT_CODE.stale,
    code: 'PAYLOAD_ERASED',
    message: `what was kept of ${what} was erased: ordered at ${timestamp} by ${by} (event ${seq}): ${payload.reason}`,
    hint: 'Nothing can bring it back. `ctxlock verify` shows that the rest of the record is whole.',
  })
}
