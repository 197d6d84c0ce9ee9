import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { openEngine } from '../src/index.ts'

const STEPS = 12
const BOUNDARIES = ['begin', 'commit', 'end'] as const

/** Runs the child until it prints `deadline` (then SIGKILL) or ends; gives what ended it. */
function live(folder: string, deadline: string | undefined): Promise<string | number | null> {
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(import.meta.resolve('./crash-child.ts')),
      join(folder, 'state.db'),
      join(folder, 'log'),
      String(STEPS),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (deadline !== undefined && output.includes(`${deadline}\n`)) child.kill('SIGKILL')
  })
  return new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)))
}

test('killed at every kind of step boundary, no finished step runs again and no event is lost or doubled', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'durable-engine-crash-'))
  const finishedBefore: string[][] = []
  let kills = 0
  for (let index = 0; index < STEPS; index += 1) {
    const ended = await live(folder, `${BOUNDARIES[index % 3]} step-${index}`)
    expect(['SIGKILL', 0]).toContain(ended)
    if (ended === 'SIGKILL') kills += 1
    const database = new DatabaseSync(join(folder, 'state.db'))
    const rows = database.prepare('SELECT key FROM engine_step ORDER BY key').all()
    const events = database.prepare('SELECT key FROM event ORDER BY key').all()
    // The result and its event are one: after any kill both are there or neither.
    expect(events).toEqual(rows)
    finishedBefore.push(rows.map((row) => String(row['key'])))
    database.close()
  }
  expect(await live(folder, undefined)).toBe(0)
  expect(kills).toBeGreaterThanOrEqual(STEPS / 2)

  const log = readFileSync(join(folder, 'log'), 'utf8').split('\n')
  for (const keys of finishedBefore) expect(keys.length).toBeLessThanOrEqual(STEPS)
  for (let index = 0; index < STEPS; index += 1) {
    const key = `step-${index}`
    const begun = log.filter((line) => line === `begin ${key}`).length
    // Lives that started while the step was not yet recorded; each may have begun it once.
    const unfinishedLives = finishedBefore.filter((keys) => !keys.includes(key)).length + 1
    expect(begun).toBeGreaterThanOrEqual(1)
    expect(begun).toBeLessThanOrEqual(unfinishedLives)
    const lastBegin = log.lastIndexOf(`begin ${key}`)
    const firstEnd = log.indexOf(`end ${key}`)
    if (firstEnd !== -1) expect(lastBegin).toBeLessThan(firstEnd)
  }

  const database = new DatabaseSync(join(folder, 'state.db'))
  const engine = openEngine({ database, clock: { now: () => 0 } })
  expect(engine.getRun('run')).toMatchObject({ state: 'completed', result: (STEPS * (STEPS - 1)) / 2 })
  expect(database.prepare('SELECT count(*) AS n, count(DISTINCT key) AS d FROM event').get()).toEqual({
    n: STEPS,
    d: STEPS,
  })
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  database.close()
  rmSync(folder, { recursive: true })
})
