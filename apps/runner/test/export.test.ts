// A run as evidence: bundles and statements written here and checked where there is no workspace.
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { openEnvelope } from '@ctxlock/flight-recorder/export'
import { expect, test, vi } from 'vitest'

import { cloudWorkspace } from './support/cloud-workspace.ts'
import { Json } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, readTree, SMALL_WORKSPACE, temporaryFolder } from './support/workspace.ts'

const QUESTION = 'How is the checksum of a box computed?'

test('a run is exported, and checked by whoever has the key, without a workspace', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  expect((await ctxlockHere(['ask', QUESTION], root)).code).toBe(0)
  const elsewhere = temporaryFolder()
  const write = async (redact: string) => {
    const file = join(elsewhere, `${redact}.jsonl`)
    const { code, stdout } = await ctxlockHere(['export', 'last', '--redact', redact, '--output', file, '--json'], root)
    expect(code).toBe(0)
    return { file, said: new Json(JSON.parse(stdout)), text: readFileSync(file, 'utf8') }
  }
  const whole = await write('none')
  const names = await write('names')
  const all = await write('all')
  const key = whole.said.at('public_key').text
  expect(statSync(whole.file).mode & 0o777).toBe(0o600)
  expect((await write('none')).text).toBe(whole.text)
  expect(names.text).not.toMatch(/checksum|src\/|\.ts"/)
  expect(all.text).not.toContain('llm_inference')

  const checkpoint = join(elsewhere, 'kept')
  writeFileSync(checkpoint, readFileSync(join(root, '.ctxlock/log/checkpoint')))
  vi.stubEnv('XDG_CONFIG_HOME', join(elsewhere, 'nothing'))
  const verify = (file: string, ...more: string[]) =>
    ctxlockHere(['verify-bundle', file, '--key', key, ...more], elsewhere)
  for (const { file } of [whole, names, all]) {
    const checked = await verify(file, '--anchor', checkpoint, '--json')
    expect(checked.code).toBe(0)
    expect(new Json(JSON.parse(checked.stdout)).at('kept', 0, 'state').text).toBe('confirms')
  }
  expect(existsSync(join(elsewhere, 'nothing'))).toBe(false)
  expect((await verify(whole.file)).stdout).toContain('Not shown: when anything was signed')

  writeFileSync(whole.file, whole.text.replace('"kind":"object"', '"kind":"event"'))
  const changed = await verify(whole.file)
  expect(changed.code).toBe(7)
  expect(changed.stdout).toMatch(/does not hold[^]*line \d+: line unreadable/)
  expect(await verify(join(elsewhere, 'none'))).toMatchObject({ code: 2, error: { code: 'BUNDLE_UNREADABLE' } })
  vi.unstubAllEnvs()
})

test('T-ACE-MIN-08: what the vault keeps of a run is in no bundle, not even as ciphertext', async () => {
  const config = JSON.stringify({ schema_version: 'ctxlock.config@1', recorder: { keep_payloads: true } })
  const root = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': config })
  expect((await ctxlockHere(['ask', QUESTION], root)).code).toBe(0)
  const kept = readTree(join(root, '.ctxlock', 'vault'))
  expect(kept).toHaveLength(1)
  const file = join(temporaryFolder(), 'bundle.jsonl')
  expect((await ctxlockHere(['export', 'last', '--redact', 'none', '--output', file], root)).code).toBe(0)
  const bundle = readFileSync(file, 'utf8')
  for (const { bytes } of kept)
    for (const encoding of ['base64', 'hex'] as const)
      expect(bundle).not.toContain(bytes.toString(encoding).slice(0, 64))
})

test('a run that is not there is refused, and so is one whose log was changed', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  expect(await ctxlockHere(['export', 'last'], root)).toMatchObject({ code: 2, error: { code: 'NOTHING_RECORDED' } })
  expect((await ctxlockHere(['ask', QUESTION], root)).code).toBe(0)
  expect(await ctxlockHere(['export', 'nothing'], root)).toMatchObject({ code: 2, error: { code: 'RUN_UNKNOWN' } })
  const database = new DatabaseSync(join(root, '.ctxlock/state.db'))
  database.exec(`DROP TRIGGER flight_event_keeps; UPDATE flight_event SET event = replace(event, 'system', 'agent')`)
  database.close()
  expect(await ctxlockHere(['export', 'last'], root)).toMatchObject({
    code: 7,
    error: { code: 'HSK-409-LOG-DIVERGED' },
  })
})

test('a run that waited for a person is exported with the answer, the receipt and what went on with it', async () => {
  vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-cloud-0123456789')
  const { options } = await cloudWorkspace()
  const run = (...args: string[]) => ctxlockHere(args, options.cwd)
  const asked = new Json((await run('ask', QUESTION)).error?.details)
  const id = asked.at('run_id').text
  await run('consent', 'approve', asked.at('request_id').text, '--hash', asked.at('payload_sha256').text)
  expect((await run('resume', id)).code).toBe(0)

  const file = join(temporaryFolder(), 'cloud.jsonl')
  const { stdout } = await run('export', id, '--redact', 'none', '--output', file, '--json')
  const said = new Json(JSON.parse(stdout))
  expect(said.at('receipts').raw).toBe(1)
  expect(said.at('runs').items.map((part) => part.at('state').text)).toEqual(['complete', 'complete', 'complete'])
  const types = readFileSync(file, 'utf8').matchAll(/\\"type\\":\\"(cloud_escalation_\w+)/g)
  expect([...types].map(([, type]) => type)).toEqual([
    'cloud_escalation_requested',
    'cloud_escalation_approved',
    'cloud_escalation_executed',
  ])
  expect(readFileSync(file, 'utf8')).not.toContain('sk-test-cloud')
  vi.unstubAllEnvs()
})

test('what was erased is left out and said to be, and the rest is proved', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  const asked = await ctxlockHere(['ask', QUESTION, '--json'], root)
  const result = new Json(JSON.parse(asked.stdout.trim().split('\n').at(-1) ?? ''))
  const [call, run] = [result.at('call_id').text, result.at('run_id').text]
  const erase = ['erase', call, '--bodies', '--reason', 'a wish', '--json']
  const plan = new Json(JSON.parse((await ctxlockHere([...erase, '--dry-run'], root)).stdout)).at('plan_hash').text
  expect((await ctxlockHere([...erase, '--yes', plan.slice(0, 16)], root)).code).toBe(0)
  for (const redact of ['none', 'names']) {
    const file = join(temporaryFolder(), 'run.jsonl')
    const { code, stdout } = await ctxlockHere(['export', run, '--redact', redact, '--output', file, '--json'], root)
    const said = new Json(JSON.parse(stdout))
    expect([code, said.at('runs', 0, 'state').text]).toEqual([0, 'complete'])
    expect(Number(said.at('events', 'erased').raw)).toBeGreaterThan(0)
    expect(readFileSync(file, 'utf8')).toContain('erasure_ordered')
    expect(readFileSync(file, 'utf8')).not.toContain('checksum')
  }
})

test('what an answer was made from is signed as a statement that other tools read', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  expect((await ctxlockHere(['ask', QUESTION], root)).code).toBe(0)
  const file = join(temporaryFolder(), 'run.intoto.json')
  const { stdout, code } = await ctxlockHere(['export', 'statement', 'last', '--output', file, '--json'], root)
  expect(code).toBe(0)
  const key = new Json(JSON.parse(stdout)).at('public_key').text
  const opened = openEnvelope(JSON.parse(readFileSync(file, 'utf8')), createPublicKey(readFileSync(`${file}.pub`)))
  if (!opened.ok) throw new Error(opened.problem)
  const { subject, predicate } = opened.statement
  expect(subject.map(({ name }) => name)).toEqual([expect.stringMatching(/^event \d+ \(run_end\)$/)])
  const made = predicate.buildDefinition.resolvedDependencies
  const named = (uri: RegExp) => made.filter((each) => uri.test(each.uri ?? ''))
  expect(named(/^file:src\/.*\.ts$/).every(({ digest }) => digest !== undefined)).toBe(true)
  expect(
    [named(/^file:/), named(/pack:role/), named(/^urn:ctxlock:model:/), named(/rules/)].every(
      ({ length }) => length > 0,
    ),
  ).toBe(true)

  vi.stubEnv('XDG_CONFIG_HOME', join(temporaryFolder(), 'nothing'))
  const verify = (given: string, path = file) =>
    ctxlockHere(['verify-statement', path, '--key', given], temporaryFolder())
  const checked = await verify(key)
  expect(checked.code).toBe(0)
  for (const { name, digest } of made) expect(checked.stdout).toContain(`${digest?.sha256 ?? ''}  ${name}`)
  expect(await verify(`${file}.pub`)).toEqual(checked)

  const compare = (folder: string) =>
    ctxlockHere(['verify-statement', file, '--key', key, '--files', folder], temporaryFolder())
  expect(await compare(root)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^files +(\d+) of \1 are/m) })
  const [first = ''] = named(/^file:src/).map(({ name }) => name)
  const changed = makeWorkspace({ ...SMALL_WORKSPACE, [first]: 'another text' })
  rmSync(join(changed, 'README.md'))
  expect(await compare(changed)).toMatchObject({
    code: 3,
    stdout: expect.stringContaining(`differs     ${first} (made from)`),
  })
  expect(await compare(join(root, 'nowhere'))).toMatchObject({ code: 2, error: { code: 'FOLDER_UNREADABLE' } })

  const { publicKey: stranger } = generateKeyPairSync('ed25519')
  const { publicKey: otherKind } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keyFile = (given: KeyObject) => {
    const path = join(temporaryFolder(), 'key.pem')
    writeFileSync(path, given.export({ format: 'pem', type: 'spki' }))
    return path
  }
  expect(await verify(keyFile(stranger))).toMatchObject({ code: 7, error: { code: 'STATEMENT_REFUSED' } })
  expect(await verify(keyFile(otherKind))).toMatchObject({ code: 2, error: { code: 'KEY_INVALID' } })
  expect(await ctxlockHere(['verify', '--key', `${file}.pub`], root)).toMatchObject({
    code: 2,
    error: { code: 'KEY_INVALID', message: expect.stringContaining('PEM does not name the log') },
  })
  expect(await verify(key, `${file}.pub`)).toMatchObject({ code: 7, error: { code: 'STATEMENT_REFUSED' } })
  expect(await verify(key, `${file}.none`)).toMatchObject({ code: 2, error: { code: 'STATEMENT_UNREADABLE' } })
  const other = Buffer.from(JSON.stringify({ ...opened.statement, subject: [] })).toString('base64')
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), payload: other }))
  expect(await verify(key)).toMatchObject({ code: 7, error: { code: 'STATEMENT_REFUSED' } })
  vi.unstubAllEnvs()
})
