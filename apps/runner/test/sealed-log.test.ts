// A sealed range is read by every command as before, by both verifiers, and by grep; a changed one is named by both.
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { draftOf } from '@ctxlock/contracts/testing'
import { judgeRecord, openStateFolder } from '@ctxlock/log-verifier'
import { expect, test } from 'vitest'

import { sealLog } from '../src/erasure/seal-log.ts'
import { recordedRun } from '../src/run/recorded-run.ts'
import { openSession } from '../src/session/session.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const LATE = '2100-01-01T00:00:00.000Z'

async function verified(cwd: string) {
  const { code, stdout } = await ctxlockHere(['verify', '--json'], cwd)
  const report = JSON.parse(stdout)
  const { record, kept = '' } = openStateFolder(join(cwd, '.ctxlock'))
  const second = await judgeRecord(record, report.public_key, [kept])
  expect([second.verdict, second.ranges]).toEqual([report.verdict, report.ranges])
  return { code, report }
}

test('old calls are shown, replayed and verified from their segment, which is read-only', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  expect((await ctxlockHere(['ask', 'How is the checksum of a box computed?'], cwd)).code).toBe(0)
  const session = await openSession({ root: cwd, variables: process.env })
  let sealed = 0
  try {
    session.recorder.recordAll(Array.from({ length: 300 }, () => draftOf('diagnostic')))
    await session.logSigner.anchor()
    await recordedRun(session, 'retention', async ({ runId }) => {
      sealed = await sealLog(session, LATE, runId)
      return 0
    })
  } finally {
    await session.close()
  }
  expect(sealed).toBe(256)
  const folder = join(cwd, '.ctxlock', 'log', 'segment')
  const file = join(folder, '000000000001-000000000256.ndjson')
  expect(readdirSync(folder)).toEqual(['000000000001-000000000256.ndjson'])
  expect(statSync(file).mode & 0o777).toBe(0o400)
  const types = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).type)
  expect(types.slice(0, 2).concat(types.at(-1))).toEqual(['run_header', expect.any(String), 'diagnostic'])

  expect(await verified(cwd)).toMatchObject({
    code: 0,
    report: { verdict: 'intact', calls: { checked: 1, problems: [] } },
  })
  expect((await ctxlockHere(['show', 'last', '--json'], cwd)).code).toBe(0)
  expect((await ctxlockHere(['replay', 'last'], cwd)).code).toBe(0)

  chmodSync(file, 0o600)
  writeFileSync(file, readFileSync(file, 'utf8').replace('"actor":"system"', '"actor":"human"'))
  const { code, report } = await verified(cwd)
  expect([code, report.breaks]).toEqual([7, [{ reason: 'edited_event', from: 1, to: 1 }]])
})

test('what makes the log broken is said, also of a violation that stands in it twice', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  const session = await openSession({ root: cwd, variables: process.env })
  session.recorder.record(draftOf('security_violation'))
  session.state.database.exec('DELETE FROM flight_violation')
  session.recorder.record(draftOf('security_violation'))
  await session.close()
  const { code, stdout } = await ctxlockHere(['verify'], cwd)
  expect([code, stdout]).toEqual([7, expect.stringMatching(/broken at 2: a violation that stands in the log already/)])
})
