// The poisoning directive under concurrency and crashes: real code on a real file, with a seeded scheduler that stops before and
// after every statement to let another process run or to kill one (VAL-067 to VAL-075).
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { createJobTable } from '../../../packages/ace-validators/src/poisoning.ts'
import { seededRandom } from './generated-files/random.ts'
import { clearHistory, createHistory, judgeHistory, type Verdict } from './poison/history.ts'
import { playInterleaving, type Played } from './poison/interleaving.ts'

/** The bar of everything but the counts of what was tried is 0. */
export interface Result extends Verdict, Played {
  readonly interleavings: number
}

const NONE: Omit<Result, 'interleavings'> = {
  kills: 0,
  kills_while_poisoning: 0,
  statements: 0,
  detections: 0,
  refused: 0,
  poisoned_jobs: 0,
  writes_after_poison: 0,
  missing_events: 0,
  double_events: 0,
  survivors: 0,
  bystanders_blocked: 0,
}

/** `--interleavings N` (100,000; about a millisecond each) and `--seed N` (1). What went wrong is printed with its seed. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: { interleavings: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
  })
  const [interleavings, seed] = [Number(values.interleavings), Number(values.seed)]
  if (!Number.isSafeInteger(interleavings) || interleavings < 1 || !Number.isSafeInteger(seed)) {
    throw new Error('Expected --interleavings from 1 up and --seed as whole numbers.')
  }
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-poison-'))
  const path = join(folder, 'state.db')
  const database = new DatabaseSync(path)
  const total = { ...NONE }
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF')
    createJobTable(database)
    createHistory(database)
    for (let number = 0; number < interleavings; number += 1) {
      const result = { ...playInterleaving(path, seededRandom(seed + number)), ...judgeHistory(database) }
      clearHistory(database)
      add(total, result)
      if (isWrong(result)) console.log(`wrong: --interleavings 1 --seed ${seed + number}: ${JSON.stringify(result)}`)
    }
    return { interleavings, ...total }
  } finally {
    database.close()
    rmSync(folder, { recursive: true })
  }
}

type Counts = { -readonly [Name in keyof typeof NONE]: number }

function add(total: Counts, result: Counts): void {
  total.kills += result.kills
  total.kills_while_poisoning += result.kills_while_poisoning
  total.statements += result.statements
  total.detections += result.detections
  total.refused += result.refused
  total.poisoned_jobs += result.poisoned_jobs
  total.writes_after_poison += result.writes_after_poison
  total.missing_events += result.missing_events
  total.double_events += result.double_events
  total.survivors += result.survivors
  total.bystanders_blocked += result.bystanders_blocked
}

function isWrong(result: Verdict & Played): boolean {
  const { writes_after_poison, missing_events, double_events, survivors, bystanders_blocked } = result
  return writes_after_poison + missing_events + double_events + survivors + bystanders_blocked > 0
}
