// Random single changes to a log: what two verifiers that share no code say of each, and whether it is right.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { DatabaseSync } from 'node:sqlite'

import { logPublicKey, verifyLog } from '../../../packages/flight-recorder/src/index.ts'
import type { KeptCheckpoint, VerifyReport } from '../../../packages/flight-recorder/src/index.ts'
import { SIGNING_KEY, openDatabase } from '../../../packages/flight-recorder/test/log-folder.ts'
import { judgeRecord, readRecord } from '../../../packages/log-verifier/src/index.ts'
import type { Judgement } from '../../../packages/log-verifier/src/index.ts'
import { seededRandom } from './generated-files/random.ts'
import { attackedLog } from './log-attacks/attacked-log.ts'
import type { AttackedLog } from './log-attacks/attacked-log.ts'
import { ATTACKS } from './log-attacks/attacks.ts'
import type { Expectation } from './log-attacks/attacks.ts'
import { attackSegments } from './log-attacks/segment-attacks.ts'

/** One more attack in so many is on a sealed range, where each looks at a whole tile. */
const SEGMENT_SHARE = 20

export interface Result {
  readonly seed: number
  readonly attacks: number
  readonly by_kind: Readonly<Record<string, number>>
  /** Attacks whose verdict or ranges were not the right ones; the bar is 0. */
  readonly wrong: number
  /** Attacks of which the two verifiers gave another verdict or other ranges; the bar is 0. */
  readonly disagreements: number
  /** What both call the record of a process that was killed in a run. */
  readonly killed: readonly string[]
}

/** `--count N` (10,000), `--seed N`. */
export async function measure(args: readonly string[]): Promise<Result> {
  const options = { count: { type: 'string' }, seed: { type: 'string' } } as const
  const { values } = parseArgs({ args: [...args], options })
  const [count, seed] = [Number(values.count ?? 10_000), Number(values.seed ?? 20_261_122)]
  using small = await attackedLog(4, 0)
  using open = await attackedLog(3, 2)
  using erased = await attackedLog(4, 1, true)
  using erasedLast = await attackedLog(3, 0, true)
  // More than two tiles.
  using large = await attackedLog(100, 2)

  const random = seededRandom(seed)
  const below = (bound: number) => Math.floor(random() * bound)
  const tally = { attacks: 0, wrong: 0, disagreements: 0 }
  const by_kind: Record<string, number> = {}
  while (tally.attacks < count) {
    const log = below(50) === 0 ? large : ([small, open, erased, erasedLast][below(4)] ?? small)
    const attack = ATTACKS[below(ATTACKS.length)]
    const [at, pick] = [1 + below(log.last), below(1_000_000)]
    log.database.exec('BEGIN')
    const expected = attack?.run(log, at, pick)
    if (attack && expected) {
      const problems = await attackProblems(log, expected)
      tally.attacks += 1
      by_kind[attack.kind] = (by_kind[attack.kind] ?? 0) + 1
      if (problems.wrong) tally.wrong += 1
      if (problems.disagree) tally.disagreements += 1
      if (problems.wrong ?? problems.disagree)
        console.log(`${attack.kind} at ${at} of ${log.last}, pick ${pick}: ${problems.wrong ?? problems.disagree}`)
    }
    log.database.exec('ROLLBACK')
  }
  const segments = await attackSegments(Math.ceil(count / SEGMENT_SHARE), below)
  return {
    seed,
    attacks: tally.attacks + segments.attacks,
    wrong: tally.wrong + segments.wrong,
    disagreements: tally.disagreements + segments.disagreements,
    by_kind: { ...by_kind, segment: segments.attacks },
    killed: await killedVerdicts(),
  }
}

async function attackProblems(log: AttackedLog, expected: Expectation) {
  const { first, second } = await bothVerdicts(log)
  return { wrong: wrongIn(first, expected, log), disagree: disagreement(first, second) }
}

async function bothVerdicts({ database, publicKey, kept }: Pick<AttackedLog, 'database' | 'publicKey' | 'kept'>) {
  const first = verifyLog({ database, publicKey, kept })
  const notes = kept.flatMap((one) => (one.state === 'kept' ? [one.note] : []))
  return { first, second: await judgeRecord(readRecord(database), publicKey, notes) }
}

function disagreement({ verdict, ranges }: VerifyReport, second: Judgement): string | undefined {
  const [one, two] = [verdict + JSON.stringify(ranges), second.verdict + JSON.stringify(second.ranges)]
  return one === two ? undefined : `${one} and ${two}`
}

/** What is not as it has to be: exactly the changed positions are broken or missing, the others keep their state. */
function wrongIn(
  report: VerifyReport,
  { broken = [], missingFrom, named }: Expectation,
  { anchored, erased, order }: AttackedLog,
): string | undefined {
  const said = JSON.stringify(report.ranges)
  if (report.verdict !== 'broken') return `called ${report.verdict}`
  const isBroken = new Set(broken)
  // What an order no longer explains was taken away.
  if (order !== undefined && (isBroken.has(order) || (missingFrom ?? Infinity) <= order))
    for (const position of erased) isBroken.add(position)
  for (const { state, from, to } of report.ranges) {
    for (let position = from; position <= to; position += 1) {
      const isMissing = missingFrom !== undefined && position >= missingFrom
      const whole = erased.has(position) ? 'erased' : position <= anchored ? 'intact' : 'unanchored'
      const wanted = isMissing ? 'missing' : isBroken.has(position) ? 'broken' : whole
      if (state !== wanted) return `expected ${position} to be ${wanted}: ${said}`
    }
  }
  if (
    missingFrom !== undefined &&
    !report.ranges.some(({ state, from }) => state === 'missing' && from === missingFrom)
  )
    return `expected ${missingFrom} to be missing: ${said}`
  const isNamed = !named || report.breaks.some(({ reason, from }) => reason === named.reason && from === named.at)
  return isNamed ? undefined : `expected ${named.reason} at ${named.at}: ${JSON.stringify(report.breaks.slice(0, 5))}`
}

/** A process is killed in the middle of a run. */
async function killedVerdicts(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-killed-'))
  try {
    const file = join(folder, 'state.db')
    const script = join(import.meta.dirname, 'log-attacks', 'killed-process.ts')
    const child = spawn(process.execPath, [script, file], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'close')
    const database: DatabaseSync = openDatabase(file)
    const kept: KeptCheckpoint[] = []
    const { first, second } = await bothVerdicts({
      database,
      kept,
      publicKey: logPublicKey({ database, key: SIGNING_KEY }),
    })
    database.close()
    return [first.verdict, second.verdict]
  } finally {
    rmSync(folder, { recursive: true })
  }
}
