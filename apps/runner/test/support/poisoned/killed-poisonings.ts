import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

import { ctxlock } from '../ctxlock.ts'
import { EXIT_CODE } from '../../../src/exit-code.ts'
import { startModelServer, type ModelServer } from '../model-server.ts'
import { answerTo, INJECTED, poisonWorkspace, WRITTEN } from './poison-workspace.ts'

const PRELOAD = fileURLToPath(new URL('./kill-near-poison.ts', import.meta.url))

interface KilledPoisoning {
  readonly wasKilled: boolean
  /** Of the `resume` after it. */
  readonly exit: number | null
  readonly isVerified: boolean
  readonly events: number
  /** What is kept of the run beside the log: when the process was killed, and in the end. */
  readonly kept: readonly [string, string]
  /** What the log says after the record of the poisoning. */
  readonly after: readonly string[]
}

/** Counts over all kills. The bar of everything but the first is 0. */
export interface KilledPoisonings {
  readonly kills: number
  readonly missing_events: number
  readonly double_events: number
  readonly wrong_exits: number
  readonly broken_logs: number
  /** Poisonings after which something was kept of the run, or said about it beyond that it did not go on. */
  readonly written_after: number
}

/** One run for each number, killed that many commits after the record of its poisoning; -1 is right before it. */
export async function killedPoisonings(killsAfter: readonly number[]): Promise<KilledPoisonings> {
  const server = await startModelServer('router', { far: 1 })
  const played: KilledPoisoning[] = []
  try {
    for (const killAfter of killsAfter) played.push(await killedPoisoning(server, killAfter))
  } finally {
    await server.close()
  }
  const how = (matches: (one: KilledPoisoning) => boolean) => played.filter(matches).length
  return {
    kills: how(({ wasKilled }) => wasKilled),
    missing_events: how(({ events }) => events === 0),
    double_events: how(({ events }) => events > 1),
    wrong_exits: how(({ exit }) => exit !== EXIT_CODE.poisoned),
    broken_logs: how(({ isVerified }) => !isVerified),
    written_after: how(({ kept, after }) => kept[0] !== kept[1] || after.some((type) => !OF_A_REFUSAL.has(type))),
  }
}

/** A command that is told that the run is over is a recorded run itself. */
const OF_A_REFUSAL: ReadonlySet<string> = new Set(['run_header', 'run_end'])

/** One process whose guard finds an injected line, killed that many commits after the record (-1: right before), then gone on with. */
async function killedPoisoning(server: ModelServer, killAfter: number): Promise<KilledPoisoning> {
  const root = poisonWorkspace(server.origin, 'local')
  server.says = () => answerTo(server.chats.at(-1)?.toString('utf8') ?? '', `${WRITTEN} // ${INJECTED}`)
  try {
    const env = { NODE_OPTIONS: `--import ${PRELOAD}`, CTXLOCK_TEST_KILL_AFTER: String(killAfter) }
    const first = await ctxlock(['run', 'left.json', '--allow-unsandboxed'], { cwd: root, env })
    const kept = keptOf(root)
    const { code } = await ctxlock(['resume', 'last'], { cwd: root })
    const types = look(root, "SELECT json_extract(event, '$.type') AS type FROM flight_event ORDER BY seq").map((row) =>
      String(row['type']),
    )
    return {
      wasKilled: first.signal === 'SIGKILL',
      exit: code,
      isVerified: (await ctxlock(['verify'], { cwd: root })).code === 0,
      events: types.filter((type) => type === 'security_violation').length,
      kept: [kept, keptOf(root)],
      after: types.slice(types.indexOf('security_violation') + 1),
    }
  } finally {
    rmSync(root, { recursive: true })
  }
}

const KEPT = ['runner_edit', 'runner_reply', 'engine_journal']

function keptOf(root: string): string {
  const count = (table: string) => Number(look(root, `SELECT count(*) AS n FROM ${table}`)[0]?.['n'])
  return KEPT.map((table) => `${table} ${count(table)}`).join(', ')
}

function look(root: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(join(root, '.ctxlock', 'state.db'))
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}
