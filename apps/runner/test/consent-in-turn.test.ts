// A call waits for its turn after it was consented to: it leaves only if the consent still holds then (PROV-054, MT-064).
import { queryEvents } from '@ctxlock/flight-recorder'
import { revokeReceipt, tokenBudgetState } from '@ctxlock/governance'
import { beforeEach, describe, expect, test, vi } from 'vitest'

import { asCommandError } from '../src/failure/failure.ts'
import { openRunBudget } from '../src/governed-call/budget/run-budget.ts'
import type { CallOptions } from '../src/governed-call/call-options.ts'
import { questionSubject } from '../src/run/question-subject.ts'
import type { Session } from '../src/session/session.ts'
import { verifyReceipts } from '../src/session/verify-receipts.ts'
import { cloudWorkspace } from './support/cloud-workspace.ts'
import { callIn, openedSession, recorded } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'

beforeEach(() => {
  vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-cloud-0123456789')
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  return () => {
    vi.useRealTimers()
    vi.unstubAllEnvs()
  }
})

/** Asks a person who says yes; `meanwhile` happens while the call waits for its turn. */
async function consented(meanwhile: (session: Session) => void) {
  const { server, options } = await cloudWorkspace()
  const session = await openedSession(options.cwd)
  const subject = questionSubject('How is a checksum computed?', [], session.config)
  const budget = openRunBudget(session, { runId: 'run-1', jobId: 'job-1' }, [subject])
  const person = { answer: () => Promise.resolve('approved' as const) }
  const waits = [meanwhile]
  const inTurn: CallOptions['inTurn'] = (_, make, signal) => {
    waits.pop()?.(session)
    return make(signal)
  }
  const call = () => callIn(session, subject, { budget, person, inTurn })
  return { server, session, call, cwd: options.cwd, spent: () => tokenBudgetState(session.state.database, 'run-1') }
}

const pass = (minutes: number) => vi.setSystemTime(Date.now() + minutes * 60_000)

function receiptOf({ state: { database } }: Session): string {
  return String(database.prepare('SELECT receipt_id FROM consent_receipt').get()?.['receipt_id'])
}

describe('while a cloud call waits for its turn', () => {
  test.each<[string, string, (session: Session) => void]>([
    ['its consent expires', 'C7', () => pass(15)],
    [
      'its consent is revoked',
      'C7',
      (session) => revokeReceipt(session.state.database, receiptOf(session), session.timestamp()),
    ],
    ['its use is taken off the record', 'C13', (session) => session.state.database.exec('DELETE FROM consent_use')],
  ])('%s: nothing is sent or charged, and the refusal is on record', async (_, check, meanwhile) => {
    const { server, session, call, cwd, spent } = await consented(meanwhile)
    const refused = await call().catch(asCommandError)
    expect(refused).toMatchObject({ exit: 8, code: 'CX-MM-CONSENT-MISSING' })
    expect(server.requests).toEqual([])
    expect(spent()).toMatchObject({ spent: 0, reserved: 0 })
    expect(recorded(session, 'call_intent')).toEqual([])
    expect(recorded(session, 'cloud_escalation_denied').map(({ payload }) => payload.denied_check)).toEqual([check])
    const { events } = queryEvents(session.state.database, { type: 'session.state_change' }, { limit: 10 })
    expect(events.at(-1)).toMatchObject({ payload: { to_state: 'FAILED', reason: 'HSK-403-CONSENT-INVALID' } })
    // What was undone is written anew by the next call, which a person is asked about again.
    expect((await call()).failure).toBeUndefined()
    expect(server.bodies).toHaveLength(1)
    expect((await ctxlockHere(['verify'], cwd)).code).toBe(0)
  })

  test('the consent that lasts lets it leave, and verify says so of one that did not', async () => {
    const { server, session, call } = await consented(() => pass(14))
    expect((await call()).failure).toBeUndefined()
    expect(server.bodies).toHaveLength(1)
    const { database } = session.state
    expect(verifyReceipts(database)).toEqual({ checked: 1, problems: [] })
    const [intent] = recorded(session, 'call_intent')
    const problems = [{ consent_receipt_id: receiptOf(session), problem: 'receipt_not_in_force' }]
    const late = database.prepare("UPDATE consent_receipt SET receipt = json_set(receipt, '$.valid_until', ?)")
    late.run(String(intent?.timestamp))
    expect(verifyReceipts(database)).toEqual({ checked: 1, problems })
    late.run('2999-01-01T00:00:00.000Z')
    expect(verifyReceipts(database)).toEqual({ checked: 1, problems: [] })
    database.prepare('UPDATE consent_receipt SET revoked_at = ?').run(String(intent?.timestamp))
    expect(verifyReceipts(database)).toEqual({ checked: 1, problems })
  })
})
