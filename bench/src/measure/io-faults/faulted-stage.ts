import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { EXIT_CODE } from '../../../../apps/runner/src/exit-code.ts'
import type { Fault } from './fault-shim.ts'
import { pathKind, readIn, type Place, type Played } from './place.ts'
import type { CommandOutcome } from './player.ts'
import { BEGIN_AGAIN, PLAN, PLANNED, type Stage } from './stages.ts'

/** An event that the log said is durable. */
export interface Acknowledged {
  readonly seq: number
  readonly event_hash: string
}

/** A stage that nobody disturbed, and what stood in the log before it. */
export interface Reference {
  readonly stage: Stage
  readonly before: readonly Acknowledged[]
  readonly undisturbed: Played
  /** Calls on files that only a process makes which has played nothing yet. */
  readonly firstOnly: number
  readonly lockfile: string | undefined
}

export interface FaultOutcome {
  /** The call that failed, or undefined when the process made no such call this time. */
  readonly hit: string | undefined
  /** `unnoticed`: it came to its end as if nothing had been; `refused`: it said what is wrong. */
  readonly process: 'unnoticed' | 'refused'
  /** Of the next start. */
  readonly next: 'continues' | 'says what to do'
  readonly acknowledged: number
  /** What the person read, of the process and of the next start. */
  readonly messages: readonly string[]
  /** Everything that is not as it must be. */
  readonly problems: readonly string[]
  /** Something seemed wrong in processes that had played before; this is what new ones made of it. */
  readonly judgedAgain: boolean
}

/** Plays a stage without a fault from where the place stands, in a new process and then in one that has played; saves where it begins. */
export async function undisturbedStage(place: Place, { name, command, next }: Stage): Promise<Reference> {
  const stage = { name, command: await withPlan(place, command), next }
  place.save(name)
  const before = loggedEvents(place.workspace)
  place.renew()
  const first = await endedWell(place, stage)
  place.restore(name)
  const undisturbed = await endedWell(place, stage)
  return {
    stage,
    before,
    undisturbed,
    firstOnly: callsOnlyOf(first, undisturbed),
    lockfile: readIn(place.workspace, 'ctxlock.lock'),
  }
}

async function endedWell(place: Place, { name, command }: Stage): Promise<Played> {
  const played = await place.play(command)
  if (played.code === EXIT_CODE.done) return played
  throw new Error(`Expected ${name} to end well without a fault, got: ${played.stderr}`)
}

async function withPlan(place: Place, command: readonly string[]): Promise<readonly string[]> {
  if (!command.includes(PLAN)) return command
  const [planned] = await place.follow([PLANNED])
  const { plan_hash: hash } = JSON.parse(planned?.stdout ?? '{}')
  return command.map((word) => (word === PLAN ? hash : word))
}

function callsOnlyOf(one: Played, other: Played): number {
  const rest = other.calls.map(({ name, path }) => `${name} ${pathKind(path)}`)
  return one.calls.filter(({ name, path }) => {
    const index = rest.indexOf(`${name} ${pathKind(path)}`)
    if (index >= 0) rest.splice(index, 1)
    return index < 0
  }).length
}

/** Plays a stage with one fault, then goes on without one, and looks at what became of the record. What seems wrong is judged in new processes. */
export async function faultedStage(place: Place, reference: Reference, fault: Fault): Promise<FaultOutcome> {
  const outcome = await judged(place, reference, fault)
  if (outcome.problems.length === 0) return outcome
  place.renew()
  return { ...(await judged(place, reference, fault)), judgedAgain: true }
}

async function judged(place: Place, { stage, ...reference }: Reference, fault: Fault): Promise<FaultOutcome> {
  place.restore(stage.name)
  const played = await place.play(stage.command, fault)
  const [failed] = played.calls
  const acknowledged = [...reference.before, ...acknowledgedBy(played)]
  const problems = [
    ...problemsOf(played),
    ...(played.code === EXIT_CODE.done ? differences(place, stage, { stage, ...reference }, played) : []),
  ]

  const next = stage.name === 'run' && !isBegun(place.workspace) ? BEGIN_AGAIN : stage.next
  const [verified, continued, verifiedAgain] = await place.follow([['verify', '--json'], next, ['verify', '--json']])
  if (!verified || !continued || !verifiedAgain) throw new Error('Expected three outcomes.')
  if (verified.code !== EXIT_CODE.done && !(acknowledged.length === 0 && saysNothingIsRecorded(verified)))
    problems.push(`verify: ${messageOf(verified)}`)
  problems.push(...lost(place.workspace, acknowledged))
  if (continued.code !== EXIT_CODE.done && !isClear(continued)) problems.push(`next: ${messageOf(continued)}`)
  if (continued.code === EXIT_CODE.done && verifiedAgain.code !== EXIT_CODE.done)
    problems.push(`verify after the next start: ${messageOf(verifiedAgain)}`)
  // What a process is not allowed to remove stays; it is of that one fault, and no start adds to it.
  const cannotRemove = failed !== undefined && /^(?:unlink|stat)$/.test(failed.name) && failed.path.endsWith('.tmp')
  const left = place.files().filter((file) => file.endsWith('.tmp') && !cannotRemove)
  problems.push(...left.map((file) => `left behind: ${file}`))

  return {
    hit: failed && `${failed.name} ${failed.path}`,
    process: played.code === EXIT_CODE.done ? 'unnoticed' : 'refused',
    next: continued.code === EXIT_CODE.done ? 'continues' : 'says what to do',
    acknowledged: acknowledged.length,
    messages: [played.stderr.trim(), continued.code === EXIT_CODE.done ? '' : messageOf(continued)].filter(Boolean),
    problems,
    judgedAgain: false,
  }
}

/** An answer whose quotations could not be compared with their file. */
const UNCHECKED = /^quotations \d+ of \d+ stand in the bytes on disk$/m

/** A process ends by itself, and one that fails says in one message what failed and what to do; nothing else. */
function problemsOf({ code, stdout, stderr }: Played): string[] {
  if (code === undefined) return ['it died, or hung']
  if (code === EXIT_CODE.verificationFailed && stderr === '' && UNCHECKED.test(stdout)) return []
  if (code === EXIT_CODE.done) return stderr === '' ? [] : [`it ended well, and said: ${stderr}`]
  return /^error: [^\n]+\n {2}\S[^\n]+\n$/.test(stderr) && !/\n\s+at |This is a bug/.test(stderr)
    ? []
    : [`exit ${code} without one clear message: ${stderr}`]
}

function isClear({ stdout }: CommandOutcome): boolean {
  return /"message":"[^"]+/.test(stdout) && /"hint":"[^"]+/.test(stdout) && !stdout.includes('This is a bug')
}

function saysNothingIsRecorded({ stdout }: CommandOutcome): boolean {
  return stdout.includes('"code":"NOTHING_RECORDED"')
}

function messageOf({ code, stdout, stderr }: CommandOutcome): string {
  return `exit ${code}: ${(stdout + stderr).slice(-700)}`
}

/** A call shows what can be read when it is made, and its record says what that was: with a source less it may answer otherwise. */
const CALLS: ReadonlySet<string> = new Set(['run', 'ask', 'record'])

/** A source that could not be read is named; a log whose key or anchor could not is never called more than unanchored. */
const SAYS_WHAT_IT_LACKS = /it is there and cannot be read|^log .*: unanchored$/m

/** What ended well must have come to what it comes to without a fault, or say what it left out. */
function differences(place: Place, { name }: Stage, { undisturbed, lockfile }: Reference, played: Played): string[] {
  if (acknowledgedBy(played).length < acknowledgedBy(undisturbed).length) return ['it ended well with fewer events']
  if (CALLS.has(name) || SAYS_WHAT_IT_LACKS.test(played.stdout)) return []
  if (comparable(played.stdout) !== comparable(undisturbed.stdout))
    return [`it ended well with another output: ${played.stdout}`]
  const isSame = name !== 'lock' || readIn(place.workspace, 'ctxlock.lock') === lockfile
  return isSame ? [] : ['it ended well with another lockfile']
}

function comparable(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f-]{27})?\b/g, '<id>').replaceAll(/\d+ ms/g, '<time>')
}

export function acknowledgedBy({ stdout }: Pick<Played, 'stdout'>): Acknowledged[] {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"seq":'))
  return lines.map((line) => JSON.parse(line))
}

function lost(workspace: string, acknowledged: readonly Acknowledged[]): string[] {
  const kept = new Map(loggedEvents(workspace).map(({ seq, event_hash }) => [seq, event_hash]))
  return acknowledged
    .filter(({ seq, event_hash }) => kept.get(seq) !== event_hash)
    .map(({ seq }) => `lost: event ${seq} was acknowledged`)
}

export function loggedEvents(workspace: string): Acknowledged[] {
  return rows(workspace, 'SELECT seq, event_hash FROM flight_event ORDER BY seq').map((row) => ({
    seq: Number(row['seq']),
    event_hash: String(row['event_hash']),
  }))
}

function isBegun(workspace: string): boolean {
  return rows(workspace, 'SELECT 1 FROM runner_run').length > 0
}

/** No rows where there is no database or table yet. */
function rows(workspace: string, sql: string): Record<string, unknown>[] {
  const path = join(workspace, '.ctxlock', 'state.db')
  if (!existsSync(path)) return []
  using database = new DatabaseSync(path)
  const [, table = ''] = /FROM (\w+)/.exec(sql) ?? []
  const exists = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table)
  return exists ? database.prepare(sql).all() : []
}
