import { readFileSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { bytesHash } from '@ctxlock/core-hash'
import { beforeEach, describe, expect, test, vi } from 'vitest'

import { ask } from '../src/commands/ask.ts'
import type { Person } from '../src/consent/person.ts'
import { asCommandError } from '../src/failure/failure.ts'
import type { Output } from '../src/output/output.ts'
import { openRunClaims } from '../src/run/run-claims.ts'
import { openSession } from '../src/session/session.ts'
import { cloudWorkspace, type CloudWorkspace } from './support/cloud-workspace.ts'
import { ctxlock, Json } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { recordedEvents, stateRows } from './support/recorded.ts'
import { atTerminal } from './support/terminal.ts'

const QUESTION = 'How is a checksum computed?'
const SILENT: Output = { json: false, line() {}, event() {}, result() {}, progress() {} }

beforeEach(() => {
  vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-cloud-0123456789')
  return () => vi.unstubAllEnvs()
})

const run = ({ options }: CloudWorkspace, ...args: readonly string[]) => ctxlockHere(args, options.cwd)

/** Asks without a terminal, so that the run waits; gives the ids to go on with. */
async function waiting(cloud: CloudWorkspace, args: readonly string[] = ['ask', QUESTION]) {
  const { code, error } = await run(cloud, ...args)
  expect([code, error?.code]).toEqual([4, 'CX-MM-CONSENT-MISSING'])
  const details = new Json(error?.details)
  return {
    request: details.at('request_id').text,
    id: details.at('run_id').text,
    hash: details.at('payload_sha256').text,
  }
}

async function approve(cloud: CloudWorkspace, request: string, hash: string, more: readonly string[] = []) {
  const { code, stdout } = await run(cloud, 'consent', 'approve', request, '--hash', hash, '--json', ...more)
  expect(code).toBe(0)
  return new Json(JSON.parse(stdout)).at('receipt')
}

async function states(cloud: CloudWorkspace): Promise<string[]> {
  const { stdout } = await run(cloud, 'consent', 'list', '--json')
  return new Json(JSON.parse(stdout)).at('requests').items.map((item) => item.at('state').text)
}

/** What became of the model sessions of a run, the oldest first. */
async function sessionStates(cloud: CloudWorkspace, id: string): Promise<string[]> {
  const { stdout } = await run(cloud, 'status', id, '--json')
  return new Json(JSON.parse(stdout)).at('model_sessions').items.map((item) => item.at('state').text)
}

/** The ids of all CLOUD events, in order. */
function cloudEvents({ options }: CloudWorkspace): string[] {
  return recordedEvents(options.cwd)
    .map(({ fr_event_id }) => fr_event_id)
    .filter((id) => id.startsWith('FR-EVT-CLOUD'))
}

function claimed({ options }: CloudWorkspace): unknown[] {
  return stateRows(options.cwd, 'SELECT run_id FROM runner_claim').map(({ run_id }) => run_id)
}

describe('a cloud call', () => {
  test('T-CLOUD-001, T-CLOUD-002: waits with exit 4, shows its exact bytes, and sends just those once a person approved (PROV-047..051)', async () => {
    const cloud = await cloudWorkspace()
    const { server, options } = cloud
    const { request, id, hash } = await waiting(cloud)
    const shown = await ctxlock(['consent', 'show', request, '--bytes'], options)
    const summary = await run(cloud, 'consent', 'show', request)
    expect(summary.stdout).toContain('of README.md, lines')
    // 3 dollars a million for the prompt, 15 for an answer as long as the token budget.
    expect(summary.stdout).toMatch(/about 0\.06\d* US dollars/)
    expect(server.requests).toEqual([])

    const receipt = await approve(cloud, request, hash.slice(0, 8))
    expect(receipt.at('payload_sha256').text).toBe(hash)
    expect(receipt.at('user_id').text).toMatch(/^person:/)
    expect(server.requests).toEqual([])
    expect((await run(cloud, 'status', id)).stdout).toContain('waits      to be resumed')
    expect((await run(cloud, 'doctor')).stdout).toContain('waits to be resumed')

    const resumed = await run(cloud, 'resume', id)
    expect(resumed.code).toBe(0)
    expect(resumed.stdout).toContain(`cloud      yes (${receipt.at('consent_receipt_id').text})`)
    expect(server.bodies).toEqual([shown.stdoutBytes])
    expect((await run(cloud, 'verify')).code).toBe(0)
    expect(cloudEvents(cloud)).toEqual(['FR-EVT-CLOUD-001', 'FR-EVT-CLOUD-002', 'FR-EVT-CLOUD-004'])

    // The log tells of a receipt; one that is gone, or for other bytes, is named.
    const database = new DatabaseSync(join(options.cwd, '.ctxlock', 'state.db'))
    for (const [sql, problem] of [
      [
        `UPDATE consent_receipt SET receipt = replace(receipt, '${hash}', '${'0'.repeat(64)}')`,
        'receipt of another call',
      ],
      ["UPDATE consent_receipt SET receipt = '{'", 'receipt damaged'],
      ['PRAGMA foreign_keys = OFF; DELETE FROM consent_receipt', 'receipt missing'],
    ] as const) {
      database.exec(sql)
      const verified = await run(cloud, 'verify')
      expect([verified.code, verified.stdout.includes(problem)], problem).toEqual([7, true])
    }
    database.close()
  })

  test('shows its bytes on a terminal without what a source would drive, turn or hide there', async () => {
    const text = 'A checksum\u009b2J is \u202eton\u202c computed\u{E0041}.\n'
    const cloud = await cloudWorkspace({ files: { 'docs/checksum.md': text } })
    const { request, hash } = await waiting(cloud)
    const piped = await ctxlock(['consent', 'show', request, '--bytes'], cloud.options)
    expect(bytesHash(piped.stdoutBytes)).toBe(hash)
    atTerminal('')
    const { stdout } = await run(cloud, 'consent', 'show', request, '--bytes')
    expect(stdout).toContain('A checksum<U+009B>2J is <U+202E>ton<U+202C> computed<U+E0041>.')
  })

  test('that was sent is not sent again, and needs a person again', async () => {
    const cloud = await cloudWorkspace()
    const { server } = cloud
    const { request, id, hash } = await waiting(cloud)
    await approve(cloud, request, hash)
    expect((await run(cloud, 'resume', id)).code).toBe(0)
    // A finished run sends nothing more, and the receipt is spent: the same question needs a person again.
    expect((await run(cloud, 'resume', id)).code).toBe(0)
    await waiting(cloud)
    expect(server.bodies).toHaveLength(1)
  })

  test('that waits is ended by cancel, and nobody is asked or can agree any more', async () => {
    const cloud = await cloudWorkspace()
    const { request, id, hash } = await waiting(cloud)
    expect((await run(cloud, 'cancel', id)).stdout).toContain(`cancelled  ${id}`)
    expect((await run(cloud, 'cancel', id)).error?.code).toBe('RUN_ENDED')
    expect((await run(cloud, 'status', id)).stdout).toMatch(/state {6}cancelled/)
    expect((await run(cloud, 'doctor')).stdout).toContain('nothing is stuck')
    expect(await states(cloud)).toEqual(['over'])
    expect((await run(cloud, 'consent', 'approve', request, '--hash', hash)).error?.code).toBe('REQUEST_OVER')
    const resumed = await run(cloud, 'resume', id)
    expect([resumed.code, resumed.error?.code]).toEqual([8, 'RUN_CANCELLED'])
    expect((await run(cloud, 'erase', id, '--reason', 'a test', '--dry-run')).code).toBe(0)
    expect((await run(cloud, 'verify')).code).toBe(0)
    expect(cloud.server.requests).toEqual([])
  })

  test.each([
    ['approved', 0],
    ['denied', 8],
  ])('that somebody %s elsewhere while a person is asked keeps to that first answer', async (answer, exit) => {
    const cloud = await cloudWorkspace()
    const person: Person = {
      async answer({ plan }) {
        const said = answer === 'approved' ? ['approve', 'last', '--hash', plan.payload_sha256] : ['deny', 'last']
        expect((await ctxlock(['consent', ...said], cloud.options)).code).toBe(0)
        return 'approved'
      },
    }
    const workspace = cloud.options.cwd
    const asked = ask([QUESTION], { options: { file: [] }, output: SILENT, workspace, person }).catch(asCommandError)
    expect(await asked).toEqual(exit === 0 ? 0 : expect.objectContaining({ exit, code: 'CONSENT_DENIED' }))
    expect(cloud.server.bodies).toHaveLength(exit === 0 ? 1 : 0)
    expect((await run(cloud, 'verify')).code).toBe(0)
  })

  test('asked again before the answer is the same request', async () => {
    const cloud = await cloudWorkspace()
    const { request, id } = await waiting(cloud)
    expect((await waiting(cloud, ['resume', id])).request).toBe(request)
    expect(await states(cloud)).toEqual(['waiting'])
  })

  test('whose source changed after the approval has other bytes: it waits again, and nothing is sent', async () => {
    const cloud = await cloudWorkspace()
    const { request, id, hash } = await waiting(cloud)
    await approve(cloud, request, hash)
    writeFileSync(
      join(cloud.options.cwd, 'README.md'),
      '# Parcel\n\nA checksum is computed over the weight of a box.\n',
    )
    const again = await waiting(cloud, ['resume', id])
    expect(again.hash).not.toBe(hash)
    expect(again.id).toBe(id)
    expect(cloud.server.requests).toEqual([])
    expect((await run(cloud, 'consent', 'show', request)).code).toBe(3)
  })

  test.each([
    ['a typo', 'yes\nyes', 4],
    ['the end of input', 'yes', 130],
  ])('that %s leaves open waits with its request, and nothing is sent', async (_, typed, exit) => {
    const cloud = await cloudWorkspace()
    atTerminal(typed)
    const { code, error } = await run(cloud, 'ask', QUESTION)
    expect([code, error?.code]).toEqual([exit, 'CX-MM-CONSENT-MISSING'])
    expect(await states(cloud)).toEqual(['waiting'])
    expect((await run(cloud, 'status')).stdout).toContain('waiting')
    atTerminal('no')
    expect((await run(cloud, 'resume', new Json(error?.details).at('run_id').text)).error?.code).toBe('CONSENT_DENIED')
    expect(cloud.server.requests).toEqual([])
  })

  test('that a person denied is not sent, and no later answer changes that', async () => {
    const cloud = await cloudWorkspace()
    const { request, id, hash } = await waiting(cloud)
    expect((await run(cloud, 'consent', 'deny', request)).code).toBe(0)
    const late = await run(cloud, 'consent', 'approve', request, '--hash', hash)
    expect([late.code, late.error?.code]).toEqual([8, 'REQUEST_ANSWERED'])
    for (const _ of ['at once', 'after its process heard of it']) {
      const { stdout } = await run(cloud, 'status', id)
      expect(stdout).toMatch(/^state {6}failed.*\nerror {6}CONSENT_DENIED/m)
      expect(stdout).not.toContain('resume')
      expect((await run(cloud, 'doctor')).stdout).toContain('nothing is stuck')
      expect(new Set(await sessionStates(cloud, id))).toEqual(new Set(['CANCELLED']))
      expect((await run(cloud, 'resume', id)).error?.code).toBe('CONSENT_DENIED')
      expect((await run(cloud, 'cancel', id)).error?.code).toBe('RUN_ENDED')
    }
    expect((await run(cloud, 'verify')).code).toBe(0)
    expect(cloudEvents(cloud)).toEqual(['FR-EVT-CLOUD-001', 'FR-EVT-CLOUD-003'])
    expect(cloud.server.requests).toEqual([])
  })

  test('that a person denied stays denied, whatever a wider consent for its work packet covers', async () => {
    const cloud = await cloudWorkspace()
    const denied = await waiting(cloud, ['ask', 'How does the depot work?'])
    const approved = await waiting(cloud)
    expect((await run(cloud, 'consent', 'deny', denied.request)).code).toBe(0)
    const terms = ['--scope', 'work-packet', '--max-calls', '9', '--max-bytes', '90000']
    await approve(cloud, approved.request, approved.hash, terms)
    for (const _ of ['in its job', 'in a job after it']) {
      const resumed = await run(cloud, 'resume', denied.id)
      expect([resumed.code, resumed.error?.code]).toEqual([8, 'CONSENT_DENIED'])
    }
    expect(cloud.server.requests).toEqual([])
    expect(await states(cloud)).toEqual(['denied', 'approved'])
    expect((await run(cloud, 'resume', approved.id)).code).toBe(0)
    expect(cloud.server.bodies.map((body) => bytesHash(body))).toEqual([approved.hash])
  })

  test('whose consent is revoked while it is made ends as that, not as poisoned', async () => {
    const cloud = await cloudWorkspace({ server: { answersAfter: new Promise(() => {}) } })
    const { request, id, hash } = await waiting(cloud)
    await approve(cloud, request, hash)
    const going = run(cloud, 'resume', id)
    await vi.waitFor(() => expect(cloud.server.bodies).toHaveLength(1), { timeout: 10_000 })
    expect((await ctxlock(['consent', 'revoke', request], cloud.options)).code).toBe(0)
    const { code, error } = await going
    expect([code, error?.code]).toEqual([8, 'CONSENT_REVOKED'])
    expect((await run(cloud, 'status', id)).stdout).toMatch(/state {6}cancelled/)
    expect(await sessionStates(cloud, id)).toEqual(['CANCELLED'])
    // Its bytes have left, and nobody will hear what they cost.
    expect((await run(cloud, 'status', id)).stdout).toContain('cost unknown (1 call)')
  })

  test('that somebody cancels at once while a person is asked ends as cancelled', async () => {
    const cloud = await cloudWorkspace()
    const person: Person = {
      async answer() {
        expect((await ctxlock(['cancel', 'last', '--now'], cloud.options)).code).toBe(0)
        return 'approved'
      },
    }
    const workspace = cloud.options.cwd
    const asked = ask([QUESTION], { options: { file: [] }, output: SILENT, workspace, person }).catch(asCommandError)
    expect(await asked).toEqual(expect.objectContaining({ exit: 130, code: 'RUN_CANCELLED' }))
    expect(await sessionStates(cloud, 'last')).toEqual(['CANCELLED'])
    expect(cloud.server.requests).toEqual([])
  })

  test('that was approved for itself goes on when a wider consent beside it is revoked', async () => {
    const cloud = await cloudWorkspace()
    const own = await waiting(cloud)
    const wide = await waiting(cloud, ['ask', 'How does the depot work?'])
    const still = await waiting(cloud, ['ask', 'How does a box work?'])
    await approve(cloud, own.request, own.hash)
    await approve(cloud, wide.request, wide.hash, [
      '--scope',
      'work-packet',
      '--max-calls',
      '9',
      '--max-bytes',
      '90000',
    ])
    expect((await run(cloud, 'consent', 'revoke', wide.request)).code).toBe(0)
    expect((await run(cloud, 'resume', own.id)).code).toBe(0)
    expect((await run(cloud, 'resume', wide.id)).error?.code).toBe('CONSENT_REVOKED')
    expect((await run(cloud, 'resume', still.id)).error?.code).toBe('RUN_CANCELLED')
    expect(cloud.server.bodies.map((body) => bytesHash(body))).toEqual([own.hash])
  })

  test('whose consent is revoked is cancelled with its run (INV-CONSENT-003)', async () => {
    const cloud = await cloudWorkspace()
    const { request, id, hash } = await waiting(cloud)
    const receipt = await approve(cloud, request, hash)
    const revoked = await run(cloud, 'consent', 'revoke', receipt.at('consent_receipt_id').text, '--json')
    expect(new Json(JSON.parse(revoked.stdout)).at('cancelled_jobs').items).toHaveLength(1)
    const resumed = await run(cloud, 'resume', id)
    expect([resumed.code, resumed.error?.code]).toEqual([8, 'CONSENT_REVOKED'])
    expect(await states(cloud)).toEqual(['revoked'])
    expect(cloud.server.requests).toEqual([])
  })

  test('T-X-PROV-02: a consent that is revoked while two runs wait for it cancels both and blocks their sessions', async () => {
    const cloud = await cloudWorkspace()
    const [first, second] = [await waiting(cloud), await waiting(cloud)]
    const terms = ['--scope', 'broadcast', '--with', second.request, '--max-calls', '5', '--max-bytes', '90000']
    const receipt = await approve(cloud, first.request, first.hash, terms)
    const revoked = await run(cloud, 'consent', 'revoke', receipt.at('consent_receipt_id').text, '--json')
    expect(new Json(JSON.parse(revoked.stdout)).at('cancelled_jobs').items).toHaveLength(2)
    const resumed = [await run(cloud, 'resume', first.id), await run(cloud, 'resume', second.id)]
    expect(resumed.map(({ code, error }) => [code, error?.code])).toEqual([
      [8, 'CONSENT_REVOKED'],
      [8, 'RUN_CANCELLED'],
    ])
    expect(cloud.server.requests).toEqual([])
    expect((await run(cloud, 'verify')).code).toBe(0)
  })

  test.each<[string, Parameters<typeof cloudWorkspace>[0], string, readonly string[]]>([
    ['the profile is LOCKED', { governance: { automation_level: 'LOCKED' } }, 'CX-MM-001', []],
    [
      'the policy is LOCKED',
      { policy: { automation_level: 'LOCKED' } },
      'HSK-403-LOCKED',
      ['FR-EVT-CLOUD-001', 'FR-EVT-CLOUD-003'],
    ],
    ['the profile allows no cloud', { governance: { allow_cloud_escalation: false } }, 'CX-MM-001', []],
    ['a source may not leave', { exportable: ['docs/**'] }, 'CloudLeakageBlocked', []],
  ])('is refused without anybody being asked when %s (PROV-048, T-CLOUD-004)', async (_, settings, code, events) => {
    const cloud = await cloudWorkspace(settings)
    const result = await run(cloud, 'ask', QUESTION)
    expect([result.code, result.error?.code]).toEqual([8, code])
    expect(cloud.server.requests).toEqual([])
    expect(await states(cloud)).toEqual([])
    expect(cloudEvents(cloud)).toEqual(events)
  })

  test('T-CLOUD-004: that a valid receipt covers is denied once the policy is LOCKED: events 001 and 003, and no question', async () => {
    const cloud = await cloudWorkspace()
    const { request, id, hash } = await waiting(cloud)
    await approve(cloud, request, hash, ['--scope', 'work-packet', '--max-calls', '9', '--max-bytes', '90000'])
    const before = cloudEvents(cloud)
    const path = join(cloud.options.cwd, 'ctxlock.config.json')
    const config = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify({ ...config, policy: { automation_level: 'LOCKED' } }))
    const asked = await run(cloud, 'ask', QUESTION)
    expect([asked.code, asked.error?.code]).toEqual([8, 'HSK-403-LOCKED'])
    expect(cloudEvents(cloud).slice(before.length)).toEqual(['FR-EVT-CLOUD-001', 'FR-EVT-CLOUD-003'])
    expect(await states(cloud)).toEqual(['approved'])
    // The run that waited for the receipt was begun under another policy and does not go on under this one.
    expect((await run(cloud, 'resume', id)).error?.code).toBe('JobBoundaryViolation')
    expect(cloud.server.requests).toEqual([])
  })

  test('holds the sources that may leave; why names those that were left out', async () => {
    const cloud = await cloudWorkspace({
      exportable: ['docs/**'],
      files: { 'docs/checksum.md': 'A checksum is computed at the depot.\n' },
    })
    const { request, id, hash } = await waiting(cloud)
    await approve(cloud, request, hash)
    expect((await run(cloud, 'resume', id)).code).toBe(0)
    const [body] = cloud.server.bodies
    expect(body?.toString()).toContain('at the depot')
    expect(body?.toString()).not.toContain('raw bytes of a box')
    const { stdout } = await run(cloud, 'why', 'last')
    expect(stdout).toMatch(/left out[^]*README\.md .*`sources.exportable` does not name it/)
    expect((await run(cloud, 'replay', 'last')).code).toBe(0)
    expect((await run(cloud, 'verify')).code).toBe(0)
  })

  test('that names a source that may not leave is refused with its path and the setting', async () => {
    const cloud = await cloudWorkspace({
      exportable: ['docs/**'],
      files: { 'docs/checksum.md': 'A checksum is computed at the depot.\n' },
    })
    const { code, error } = await run(cloud, 'ask', QUESTION, '--file', 'README.md')
    expect([code, error?.code]).toEqual([8, 'CloudLeakageBlocked'])
    expect(error?.message).toContain('README.md')
    expect(error?.hint).toContain('sources.exportable')
    expect(error?.message).not.toMatch(/[0-9a-f]{64}/)
    // What was refused for the config goes on where the config was corrected.
    const { stdout } = await run(cloud, 'status')
    expect(stdout).toContain('`sources.exportable` does not name it')
    const path = join(cloud.options.cwd, 'ctxlock.config.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"docs/**"', '"docs/**", "README.md"'))
    await waiting(cloud, ['resume', /resume ([0-9a-f]{8})/.exec(stdout)?.[1] ?? ''])
  })

  test('whose rule file may not leave is refused, until the config says that it may', async () => {
    const cloud = await cloudWorkspace({
      rules: { files: ['SECURITY.md'] },
      files: { 'SECURITY.md': '# Security\n\n- Answers MUST name the file.\n' },
      exportable: ['*', '!SECURITY.md'],
    })
    expect((await run(cloud, 'ask', QUESTION)).error?.code).toBe('CloudLeakageBlocked')
    const path = join(cloud.options.cwd, 'ctxlock.config.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"!SECURITY.md"', '"SECURITY.md"'))
    await waiting(cloud)
  })

  test.each([503, 429, 500])(
    'is not sent again when its server answers %d: one consent is one transmission',
    async (status) => {
      const cloud = await cloudWorkspace({ server: { status } })
      const { request, id, hash } = await waiting(cloud)
      await approve(cloud, request, hash)
      expect((await run(cloud, 'resume', id)).code).toBe(5)
      expect(cloud.server.bodies.map((body) => bytesHash(body))).toEqual([hash])
      // The receipt is spent: going on needs a person again.
      await waiting(cloud, ['resume', id])
      expect(cloud.server.bodies).toHaveLength(1)
    },
  )

  test('is sent once, however many processes go on with it at the same time', async () => {
    const cloud = await cloudWorkspace()
    const { request, id, hash } = await waiting(cloud)
    await approve(cloud, request, hash)
    const racers = Array.from({ length: 8 }, () => ctxlock(['resume', id], cloud.options))
    const codes = (await Promise.all(racers)).map(({ code }) => code)
    expect(cloud.server.bodies.map((body) => bytesHash(body))).toEqual([hash])
    // One makes the call; the others find it made or the run taken, and none asks a person for a call of its own.
    expect(codes).toContain(0)
    expect(codes.filter((code) => code !== 0 && code !== 8)).toEqual([])
    expect((await run(cloud, 'verify')).code).toBe(0)
  })

  test('is left alone while another process has claimed the run and not yet taken its job', async () => {
    const cloud = await cloudWorkspace()
    const { request, id, hash } = await waiting(cloud)
    await approve(cloud, request, hash)
    const session = await openSession({ root: cloud.options.cwd, variables: process.env })
    {
      using claims = openRunClaims(session)
      claims.take(id)
      const { code, error } = await run(cloud, 'resume', id)
      expect([code, error?.code]).toEqual([8, 'RUN_TAKEN'])
    }
    // One that died without giving it back, and one that died with another run.
    session.state.database.prepare('INSERT INTO runner_claim VALUES (?, ?)').run('another', randomUUID())
    session.state.database.prepare('UPDATE runner_claim SET owner = ?').run(session.environment.random.uuid())
    await session.close()
    expect((await run(cloud, 'resume', id)).code).toBe(0)
    expect(claimed(cloud)).toEqual([id])
    expect(cloud.server.bodies.map((body) => bytesHash(body))).toEqual([hash])
  })

  test('is asked for by --model, where the active profile allows it; what the profile forbids it forbids still', async () => {
    const cloud = await cloudWorkspace({})
    await waiting(cloud, ['ask', QUESTION, '--model', 'm1'])
    for (const governance of [{ allow_cloud_escalation: false }, { automation_level: 'LOCKED' }]) {
      const { code, error } = await run(await cloudWorkspace({ governance }), 'ask', QUESTION, '--model', 'm1')
      expect([code, error?.code]).toEqual([8, 'CX-MM-001'])
    }
    expect(cloud.server.requests).toEqual([])
  })

  test('is not asked about while the key it would need is missing (PROV-034)', async () => {
    const cloud = await cloudWorkspace()
    vi.stubEnv('CTXLOCK_TEST_KEY', '')
    const { code, error } = await run(cloud, 'ask', QUESTION)
    expect([code, error?.code]).toEqual([2, 'invalid_config'])
    expect(cloud.server.requests).toEqual([])
  })
})

describe('approving', () => {
  test('needs a terminal or the hash that was shown; no other option approves', async () => {
    const cloud = await cloudWorkspace()
    const { request, id, hash } = await waiting(cloud)
    const attempts: readonly [readonly string[], number][] = [
      [[], 4],
      [['--json'], 4],
      [['--hash', hash.slice(0, 7)], 8],
      [['--hash', '0'.repeat(64)], 8],
      [['--hash', ''], 8],
      [['--hash', hash, '--scope', 'session'], 2],
      [['--hash', hash, '--minutes', '9007199254740991'], 2],
    ]
    for (const [more, code] of attempts)
      expect([more, (await run(cloud, 'consent', 'approve', request, ...more)).code]).toEqual([more, code])
    for (const usage of [['--yes'], ['--hash', hash, '--minutes', '0']])
      expect((await ctxlock(['consent', 'approve', request, ...usage], cloud.options)).code).toBe(2)
    expect((await run(cloud, 'consent', 'approve', 'nobody', '--hash', hash)).code).toBe(2)
    await waiting(cloud, ['resume', id])
    expect(cloud.server.requests).toEqual([])
  })

  test('for more than one call shows what that covers before it is given, and afterwards', async () => {
    const cloud = await cloudWorkspace({ exportable: ['README.md'] })
    const { request, hash } = await waiting(cloud)
    const wide = ['--scope', 'work-packet', '--max-calls', '3', '--minutes', '60']
    const small = await run(cloud, 'consent', 'approve', request, '--hash', hash, ...wide, '--max-bytes', '9')
    expect([small.code, small.error?.message]).toEqual([2, expect.stringContaining('the bytes of this call alone')])
    atTerminal(hash.slice(0, 8))
    const given = await run(cloud, 'consent', 'approve', request, ...wide, '--max-bytes', '90000')
    const shown = await run(cloud, 'consent', 'show', request)
    for (const { code, stdout } of [given, shown]) {
      expect(code).toBe(0)
      for (const told of [
        'more than this call: 3 calls and 90000 bytes in all, within 60 minutes',
        'every question that is asked in this workspace',
        'any lines of 1 source as',
      ])
        expect(stdout).toContain(told)
    }
    expect(given.stdout).not.toContain('once')
    expect(shown.stdout).toMatch(/state {6}approved, by person:.*, until /)
  })

  test('after its time is over says so, and going on asks anew', async () => {
    const cloud = await cloudWorkspace()
    const { request, id, hash } = await waiting(cloud)
    await approve(cloud, request, hash, ['--minutes', '1'])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    try {
      expect(await states(cloud)).toEqual(['expired'])
      const late = await run(cloud, 'consent', 'approve', request, '--hash', hash)
      expect([late.error?.message, late.error?.hint]).toEqual([
        expect.stringContaining('is expired'),
        expect.stringContaining(`ctxlock resume ${id.slice(0, 8)}`),
      ])
      await waiting(cloud, ['resume', id])
    } finally {
      vi.useRealTimers()
    }
    expect(cloud.server.requests).toEqual([])
  })

  test('of a call whose process died at the question is refused: going on asks anew', async () => {
    const cloud = await cloudWorkspace()
    const { request, id, hash } = await waiting(cloud)
    using database = new DatabaseSync(join(cloud.options.cwd, '.ctxlock', 'state.db'))
    database.exec("UPDATE ace_jobs SET state = 'running'")
    expect(await states(cloud)).toEqual(['over'])
    const { code, error } = await run(cloud, 'consent', 'approve', request, '--hash', hash)
    expect([code, error?.code, error?.hint]).toEqual([8, 'REQUEST_OVER', expect.stringContaining('asks anew')])

    const again = await waiting(cloud, ['resume', id])
    expect(await states(cloud)).toEqual(['over', 'waiting'])
    expect((await run(cloud, 'status', id)).stdout).not.toContain(`request ${request.slice(0, 8)}`)
    expect(await sessionStates(cloud, id)).toEqual(['FAILED', 'BLOCKED'])
    await approve(cloud, again.request, again.hash)
    expect((await run(cloud, 'resume', id)).code).toBe(0)
    expect(await sessionStates(cloud, id)).toEqual(['FAILED', 'COMPLETED'])
    expect((await run(cloud, 'verify')).code).toBe(0)
  })

  test('for more calls that were made by others meanwhile is no answer to its own: it is asked for anew', async () => {
    const cloud = await cloudWorkspace()
    const { request, id, hash } = await waiting(cloud)
    await approve(cloud, request, hash, ['--scope', 'work-packet', '--max-calls', '1', '--max-bytes', '90000'])
    expect((await run(cloud, 'ask', QUESTION)).code).toBe(0)
    const again = await waiting(cloud, ['resume', id])
    await approve(cloud, again.request, again.hash)
    expect((await run(cloud, 'resume', id)).code).toBe(0)
    expect(cloud.server.bodies).toHaveLength(2)
  })

  test('for the session covers calls of the run until what was granted is spent (PROV-052, PROV-053)', async () => {
    const task = {
      schema_version: 'ctxlock.task@1',
      goal: 'Describe the workspace.',
      scope: ['src/'],
      done: ['it is described'],
      steps: ['checksum', 'depot'].map((name) => ({ name, goal: `How does the ${name} work?` })),
    }
    const cloud = await cloudWorkspace({
      governance: { max_cloud_escalations_per_job: 5 },
      files: { 'task.json': JSON.stringify(task) },
    })
    const begun = await run(cloud, 'run', join(cloud.options.cwd, 'task.json'))
    expect(begun.stdout).toMatch(/^HSK_STATUS .*state=RUNNING model=m1 backend=cloud/m)
    expect((await run(cloud, 'cancel', 'last')).code).toBe(0)
    const first = await waiting(cloud, ['run', join(cloud.options.cwd, 'task.json')])
    const limits = ['--scope', 'session', '--max-bytes', '20000']
    const receipt = await approve(cloud, first.request, first.hash, [...limits, '--max-calls', '1'])
    expect(receipt.at('consent_scope').text).toBe('SESSION_SCOPED')

    const second = await waiting(cloud, ['resume', first.id])
    expect(cloud.server.bodies).toHaveLength(1)
    await approve(cloud, second.request, second.hash, [...limits, '--max-calls', '5'])
    expect((await run(cloud, 'resume', first.id)).code).toBe(0)
    expect(cloud.server.bodies).toHaveLength(2)
    expect((await run(cloud, 'verify')).code).toBe(0)
  })

  test('as a broadcast covers the sessions that were named, each of them, and no other (PROV-053)', async () => {
    const cloud = await cloudWorkspace()
    const [first, second, third] = [await waiting(cloud), await waiting(cloud), await waiting(cloud)]
    const limits = ['--max-calls', '5', '--max-bytes', '90000']
    for (const wrong of [
      ['--scope', 'broadcast', ...limits],
      ['--scope', 'broadcast', '--with', second.request],
      ['--scope', 'session', '--with', second.request, ...limits],
    ])
      expect((await run(cloud, 'consent', 'approve', first.request, '--hash', first.hash, ...wrong)).code).toBe(2)
    const terms = ['--scope', 'broadcast', '--with', second.request, ...limits]
    const receipt = await approve(cloud, first.request, first.hash, terms)
    expect(receipt.at('consent_scope').text).toBe('BROADCAST_SCOPED')
    expect(receipt.at('session_ids').items).toHaveLength(2)

    expect((await run(cloud, 'resume', first.id)).code).toBe(0)
    expect((await run(cloud, 'resume', second.id)).code).toBe(0)
    await waiting(cloud, ['resume', third.id])
    expect(cloud.server.bodies).toHaveLength(2)
    expect((await run(cloud, 'verify')).code).toBe(0)
  })

  test('for a work packet covers its next job, and only the versions of sources that were there (PROV-052)', async () => {
    const cloud = await cloudWorkspace({ governance: { max_cloud_escalations_per_job: 1 } })
    const { request, id, hash } = await waiting(cloud)
    await approve(cloud, request, hash, ['--scope', 'work-packet', '--max-calls', '9', '--max-bytes', '90000'])
    expect((await run(cloud, 'resume', id)).code).toBe(0)
    // Another job of the same work packet: its own limit is not reached, and the receipt covers it.
    expect((await run(cloud, 'ask', QUESTION)).code).toBe(0)
    expect(cloud.server.bodies).toHaveLength(2)
    writeFileSync(join(cloud.options.cwd, 'README.md'), '# Parcel\n\nA checksum is computed over boxes, all of them.\n')
    await waiting(cloud)
    expect(cloud.server.bodies).toHaveLength(2)
  })
})
