// CP-048 to CP-055 through the runner: each way in which the packs of a call can be the wrong ones is a hard refusal, with its
// event in the log and nothing sent. A real server listens, a real recorder is read back.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { FlightEvent } from '@ctxlock/contracts/events'
import { describe, expect, test } from 'vitest'

import { EXIT_CODE } from '../src/exit-code.ts'
import { asCommandError } from '../src/failure/failure.ts'
import type { CallSubject } from '../src/governed-call/call-subject.ts'
import { startJob } from '../src/run/job.ts'
import { questionSubject } from '../src/run/question-subject.ts'
import type { Session } from '../src/session/session.ts'
import { serverConfig, startChatServer } from './support/chat-server.ts'
import { callIn, openedSession, recorded } from './support/governed-calls.ts'
import { makeWorkspace, SMALL_WORKSPACE, writeFiles } from './support/workspace.ts'

const RULES = '# Rules\n\n- Answers MUST name the depot.\n- NEVER guess a checksum.\n'
const ROLES = [
  { role_id: 'worker', runtime_role: 'worker' },
  { role_id: 'reviewer', runtime_role: 'validator' },
]

async function prepared(config: Readonly<Record<string, unknown>> = {}) {
  const server = await startChatServer()
  const write = (extra: Readonly<Record<string, unknown>>) =>
    serverConfig(server.url, { rules: { conventions: ['agents-md'] }, roles: ROLES, ...config, ...extra })
  const root = makeWorkspace({ ...SMALL_WORKSPACE, 'AGENTS.md': RULES, 'ctxlock.config.json': write({}) })
  const session = await openedSession(root)
  return {
    root,
    server,
    session,
    subject: questionSubject('How is the checksum of a box computed?', [], session.config),
    write,
  }
}

/** Runs `sabotage` when the call is compiled and judged, right before its packs are verified. */
function beforeVerification(session: Session, sabotage: () => void): Session {
  const guards: Session['guards'] = {
    ...session.guards,
    async call(input) {
      const result = await session.guards.call(input)
      sabotage()
      return result
    },
  }
  return { ...session, guards }
}

async function refusalOf(call: Promise<unknown>): Promise<{ code: string; exit: number }> {
  const error = await call.then(
    () => {
      throw new Error('the call was made')
    },
    (thrown: unknown) => asCommandError(thrown),
  )
  return { code: error.code, exit: error.exit }
}

/** The one violation in the log, as its schema has it. */
function violation(session: Session) {
  const events = recorded(session, 'security_violation')
  expect(events).toHaveLength(1)
  const [event] = events
  expect(FlightEvent.parse(event)).toEqual(event)
  expect(JSON.stringify(event)).not.toMatch(/depot|checksum/)
  return event?.payload
}

describe('T-X-CP-08 before the call', () => {
  const edit = (session: Session, marker: string) =>
    session.state.database
      .prepare(
        "UPDATE artifact_object SET bytes = CAST(replace(CAST(bytes AS TEXT), 'HYBRID', 'LOCKED') AS BLOB) WHERE CAST(bytes AS TEXT) LIKE ?",
      )
      .run(`%"schema_version":"${marker}"%`)
  const remove = (session: Session, marker: string) =>
    session.state.database
      .prepare('DELETE FROM artifact_object WHERE CAST(bytes AS TEXT) LIKE ?')
      .run(`%"schema_version":"${marker}"%`)

  test.each<[string, string, string, (session: Session, root: string) => void]>([
    [
      'altered bytes of the role pack',
      'PACK_HASH_MISMATCH',
      'pack_tamper',
      (session) => edit(session, 'hsk.role_context_pack@1'),
    ],
    [
      'altered bytes of the work-unit pack',
      'PACK_HASH_MISMATCH',
      'pack_tamper',
      (session) => edit(session, 'hsk.work_unit_context_pack@1'),
    ],
    ['a pack that is gone', 'PACK_MISSING', 'pack_tamper', (session) => remove(session, 'hsk.role_context_pack@1')],
    [
      'a binding that is gone',
      'PACK_MISSING',
      'pack_tamper',
      (session) => remove(session, 'hsk.context_pack_binding@1'),
    ],
    [
      'a rule file that says something else now',
      'PACK_PROTOCOL_MISMATCH',
      'role_mismatch',
      (_, root) => writeFileSync(join(root, 'AGENTS.md'), RULES.replace('NEVER', 'ALWAYS')),
    ],
  ])('%s', async (_, code, violation_type, sabotage) => {
    const { session, subject, server, root } = await prepared()
    const call = callIn(
      beforeVerification(session, () => sabotage(session, root)),
      subject,
    )
    expect(await refusalOf(call)).toEqual({ code, exit: EXIT_CODE.refused })
    expect(violation(session)).toMatchObject({ error_code: code, violation_type, action_taken: 'blocked' })
    expect(recorded(session, 'call_intent')).toEqual([])
    expect(server.bodies).toEqual([])
  })

  test('a job that is governed differently than its packs say', async () => {
    const { session, subject, server } = await prepared()
    let level = session.automationLevel
    const sabotaged = beforeVerification(session, () => (level = 'LOCKED'))
    const call = callIn(Object.defineProperty(sabotaged, 'automationLevel', { get: () => level }), subject)
    expect(await refusalOf(call)).toEqual({ code: 'PACK_GOVERNANCE_MISMATCH', exit: EXIT_CODE.refused })
    expect(violation(session)).toMatchObject({ error_code: 'PACK_GOVERNANCE_MISMATCH', violation_type: 'job_boundary' })
    expect(server.bodies).toEqual([])
  })
})

describe('T-X-CP-08 a call that goes on with packs of something else', () => {
  test.each<[string, string, (subject: CallSubject) => CallSubject]>([
    [
      'another role',
      'PACK_ROLE_MISMATCH',
      (subject) => ({ ...subject, role: { role_id: 'reviewer', runtime_role: 'validator' } }),
    ],
    [
      'another micro-task',
      'PACK_WORK_UNIT_MISMATCH',
      (subject) => ({ ...subject, definition: { ...subject.definition, mt_id: 'MT-002' } }),
    ],
    ['another work packet', 'PACK_WORK_UNIT_MISMATCH', (subject) => ({ ...subject, wpId: 'other' })],
  ])('%s', async (_, code, other) => {
    const { session, subject, server } = await prepared()
    const job = startJob(session, '0'.repeat(64))
    const { bound } = await callIn(session, other(subject), { job })
    const call = callIn(session, subject, { job, rebinding: { previous: bound.binding, reason: 'model_swap' } })
    expect(await refusalOf(call)).toEqual({ code, exit: EXIT_CODE.refused })
    expect(violation(session)).toMatchObject({ error_code: code, violation_type: 'role_mismatch' })
    expect(server.bodies).toHaveLength(1)
  })
})

describe('T-X-CP-10 a forced swap', () => {
  const swap = { reason: 'model_swap', swapRequestId: 'swap-1' } as const

  test('binds the same bytes again, with both hashes in the log', async () => {
    const { session, subject, server } = await prepared()
    const job = startJob(session, '0'.repeat(64))
    const first = await callIn(session, subject, { job })
    const second = await callIn(session, subject, { job, rebinding: { previous: first.bound.binding, ...swap } })
    expect(second.bound.binding).toMatchObject({
      reason: 'model_swap',
      assembly: 'reused_identical',
      constraint_check: 'equal',
      delta_paths: [],
      previous_binding_id: first.bound.binding.binding_id,
      swap_request_id: 'swap-1',
      role_pack: { artifact: first.bound.binding.role_pack.artifact },
    })
    const [, event] = recorded(session, 'context_pack_bound')
    const { pack_hash } = first.bound.rolePack
    expect(event?.payload).toMatchObject({
      binding_id: second.bound.binding.binding_id,
      reason: 'model_swap',
      identity: { role: 'worker', model_id: 'm1' },
      role_pack: { requested_hash: pack_hash, effective_hash: pack_hash },
    })
    expect(second.compiled.snapshot.context_pack_binding_id).toBe(second.bound.binding.binding_id)
    expect(server.bodies).toHaveLength(2)
  })

  test('takes in a rule that was added, and says where the packs differ', async () => {
    const { root, session, subject, server } = await prepared()
    const { bound } = await callIn(session, subject)
    writeFiles(root, { 'src/AGENTS.md': '- Nothing\n', 'AGENTS.md': `${RULES}- ALWAYS name two files.\n` })
    const later = await openedSession(root)
    const { bound: tightened } = await callIn(later, subject, { rebinding: { previous: bound.binding, ...swap } })
    expect(tightened.binding).toMatchObject({ assembly: 'rebuilt', constraint_check: 'tightened' })
    expect(tightened.binding.delta_paths).toEqual(expect.arrayContaining(['/role_pack/strict_rules']))
    expect(tightened.binding.role_pack.requested_hash).toBe(bound.rolePack.pack_hash)
    expect(tightened.binding.role_pack.effective_hash).toBe(tightened.rolePack.pack_hash)
    expect(server.bodies).toHaveLength(2)
  })

  test.each<[string, Record<string, string>, Record<string, unknown>]>([
    ['drops a rule', { 'AGENTS.md': RULES.replace('NEVER', 'Better not') }, {}],
    ['lowers governance', {}, { policy: { governance_mode: 'gov_light' } }],
    ['asks people less', {}, { policy: { automation_level: 'AUTONOMOUS' } }],
  ])('T-X-CP-09 that %s is refused', async (_, files, config) => {
    const { root, session, subject, server, write } = await prepared()
    const { bound } = await callIn(session, subject)
    writeFiles(root, { ...files, 'ctxlock.config.json': write(config) })
    const later = await openedSession(root)
    const call = callIn(later, subject, { rebinding: { previous: bound.binding, ...swap } })
    expect(await refusalOf(call)).toEqual({ code: 'PACK_CONSTRAINTS_WEAKENED', exit: EXIT_CODE.refused })
    expect(violation(later)).toMatchObject({
      error_code: 'PACK_CONSTRAINTS_WEAKENED',
      violation_type: 'constraints_weakened',
    })
    // The binding that was rejected stands in the log too.
    expect(recorded(later, 'context_pack_bound').map(({ payload }) => payload.constraint_check)).toEqual([
      'equal',
      'rejected',
    ])
    expect(server.bodies).toHaveLength(1)
  })

  test('a new job may relax what the old one had (CP-055)', async () => {
    const { root, session, subject, server } = await prepared()
    await callIn(session, subject)
    writeFiles(root, { 'AGENTS.md': '- Answers MUST name the depot.\n' })
    await callIn(await openedSession(root), subject)
    expect(server.bodies).toHaveLength(2)
  })
})
