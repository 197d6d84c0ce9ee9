import { EngineError } from '@ctxlock/contracts/engine'
import type { JsonValue } from '@ctxlock/core-hash'

import type { EngineParts } from './engine-parts.ts'
import { decisionOf } from './open-waits.ts'
import { isEnded } from './run-row.ts'
import { toStoredJson } from './stored-json.ts'

export interface Signal {
  readonly runId: string
  readonly name: string
  readonly payload: JsonValue
  readonly idempotencyKey: string
}

/** Decides a name by a signal, unless it is decided; inside a transaction. True when this signal is, or was, the decision. */
export function decideBySignal({ clock, runs, journal }: EngineParts, signal: Signal): boolean {
  const { runId, name, payload, idempotencyKey } = signal
  const { state, waits = [] } = runs.info(runId)
  const stored = toStoredJson({ kind: 'signal', payload, idempotencyKey }, `the signal ${name}`)
  const known = journal.read(runId, 'signal', name)
  if (known !== undefined) return isSame(known, signal, stored.text)
  if (isEnded(state)) return false
  const isWaiting = waits.some(({ kind, key }) => kind === 'signal' && key === name)
  if (isWaiting) runs.wake(runId)
  // Its time may be over without anybody having noticed.
  const until = journal.read(runId, 'signal-until', name)
  if (
    until !== undefined &&
    decisionOf(journal, runId, { kind: 'signal', key: name, until: Number(until) }, clock.now())
  )
    return false
  return journal.add(runId, 'signal', name, stored.hash, stored)
}

function isSame(known: JsonValue, { name, idempotencyKey }: Signal, given: string): boolean {
  const isObject = typeof known === 'object' && known !== null && !Array.isArray(known)
  if (!isObject || known['idempotencyKey'] !== idempotencyKey) return false
  if (toStoredJson(known, `the signal ${name}`).text === given) return true
  throw new EngineError(
    'SIGNAL_CONFLICT',
    `Expected the payload that signal ${name} was sent with under this key before, got another one. Choose another key.`,
  )
}
