import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { logPublicKey, verifyLog } from '../src/index.ts'
import { SIGNING_KEY, keptIn, openDatabase } from './log-folder.ts'

const KILLS = 15
const SEED = 20261124
const child = join(import.meta.dirname, 'kill-child.ts')
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ctxlock-kill-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function verified(own: string, database: DatabaseSync) {
  // Before the log is read: a process that still anchors must not look like one that removed a tail.
  const kept = [keptIn(join(own, 'checkpoint'))]
  return verifyLog({ database, kept, publicKey: logPublicKey({ database, key: SIGNING_KEY }) })
}

/** Starts the child and kills it some milliseconds after its first promise; returns the promises that reached us. */
function runAndKill(afterMs: number): Promise<Map<number, string>> {
  const process_ = spawn(process.execPath, [child, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  process_.stdout.on('data', (chunk: Buffer) => {
    if (output === '') setTimeout(() => process_.kill('SIGKILL'), afterMs)
    output += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    process_.on('error', reject)
    process_.on('close', () => resolve(promisesOf(output)))
  })
}

function promisesOf(output: string): Map<number, string> {
  // The last line may be cut off, like anything that was being written.
  const lines = output.slice(0, output.lastIndexOf('\n') + 1).split('\n')
  return new Map(lines.filter(Boolean).map((line) => [Number(line.split(' ')[0]), line.split(' ')[1] ?? '']))
}

test(`killed ${KILLS} times, the log is whole, nothing promised is lost, and only runs are incomplete`, async () => {
  const promised = new Map<number, string>()
  let state = SEED
  for (let kill = 0; kill < KILLS; kill += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    const promises = await runAndKill(state % 60)
    expect(promises.size).toBeGreaterThan(0)
    for (const [seq, hash] of promises) promised.set(seq, hash)

    const database = openDatabase(join(folder, 'state.db'))
    const report = verified(folder, database)
    const at = `kill ${kill}, seed ${SEED}`
    expect(report, at).toMatchObject({ breaks: [], duplicate_violations: [] })
    expect(['intact', 'unanchored', 'incomplete'], at).toContain(report.verdict)
    expect(
      report.ranges.map((range) => range.state),
      at,
    ).not.toContain('missing')
    expect(report.runs.filter((run) => run.state === 'incomplete').length, at).toBeLessThanOrEqual(kill + 1)
    expect(
      report.runs.every((run) => run.state === 'complete' || run.state === 'incomplete'),
      at,
    ).toBe(true)

    const hashAt = database.prepare('SELECT event_hash FROM flight_event WHERE seq = ?')
    for (const [seq, hash] of promised) expect(hashAt.get(seq)?.['event_hash'], `${at}, event ${seq}`).toBe(hash)
    database.close()
  }
})

test('three processes that append and anchor at the same time make one chain', async () => {
  const own = mkdtempSync(join(tmpdir(), 'ctxlock-several-'))
  try {
    const codes = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise<number | null>((resolve, reject) => {
            const process_ = spawn(process.execPath, [child, own, '4'], { stdio: ['ignore', 'ignore', 'inherit'] })
            process_.on('error', reject)
            process_.on('close', resolve)
          }),
      ),
    )
    expect(codes).toEqual([0, 0, 0])
    const database = openDatabase(join(own, 'state.db'))
    const report = verified(own, database)
    database.close()
    expect(report).toMatchObject({ verdict: 'intact', breaks: [], events: 12 * 15 })
    expect(report.runs.map((run) => run.state)).toEqual(Array.from({ length: 12 }, () => 'complete'))
  } finally {
    rmSync(own, { recursive: true })
  }
})
