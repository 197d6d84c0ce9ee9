import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { poisonJob } from '@ctxlock/ace-validators/poisoning'

import { run as runTask } from '../../../src/commands/run.ts'
import { asCommandError } from '../../../src/failure/failure.ts'
import { recordPoison } from '../../../src/governed-call/guards/poison.ts'
import { openSession, type Session } from '../../../src/session/session.ts'
import type { ModelServer } from '../model-server.ts'
import { answerTo, copyOf, INJECTED, runContext, runOf, WRITTEN, writeAll, type RunName } from './poison-workspace.ts'
import type { WriteProbe } from './write-probe.ts'

/** How a run comes to be poisoned. */
export type Poisoning =
  /** Its own guard finds the line: in a note, or in what its model wrote in the first step and its second one reads. */
  | { readonly found: 'source' | 'answer' }
  /** Another process finds it for the job: right after a commit of the run, at an instant, or while something is under way. */
  | { readonly afterCommit: number }
  | { readonly afterMs: number }
  | { readonly during: keyof typeof BEGUN; readonly number: number; readonly afterMs: number }

/** The record of what is about to be under way. */
const BEGUN = { approval: 'gov_human_intervention_requested', call: 'call_intent', command: 'command_planned' }

export interface PoisonCase {
  readonly victim: RunName
  readonly poisoning: Poisoning
  /** How long the model, and the person who is asked for consent, take: between 0 and 1, each time another. */
  readonly random: () => number
  /** They answer a poisoned run only when it has ended: it must not wait for them. */
  readonly isSilent: boolean
}

/** What was open in the run when it was poisoned. */
export interface Opened {
  readonly edits: number
  readonly approvals: number
  readonly calls: number
  readonly commands: number
}

export interface PlayedCase {
  /** Undefined where the run ended before the instant came. */
  readonly opened: Opened | undefined
  readonly exits: Readonly<Record<RunName, number>>
  /** What the runs said that did not complete. */
  readonly errors: readonly string[]
  readonly events: number
  /** What the poisoned run wrote after the record. */
  readonly writes: readonly string[]
  /** Sockets and child processes that outlive the runs. */
  readonly active: readonly string[]
}

export interface CasePorts {
  readonly template: string
  readonly server: ModelServer
  readonly probe: WriteProbe
}

const LONGEST_DELAY_MS = 30
const HASH = 'a'.repeat(64)
const PLACE = { utf16_start: 0, utf16_end: 15, utf8_start: 0, utf8_end: 15 }
const MEMBER = { block: '300-source-000', candidate_id: null, source_ref_hash: null, content_hash: HASH, ...PLACE }
const MATCH = { pattern_id: 'PI-001', view_id: 'V0', offset: 0, length: 15, members: [MEMBER], table_version: '17' }
const FOUND = { guard: 'PromptInjectionGuard', matches: [MATCH], policy_profile_id: 'x', context_snapshot_id: null }

/**
 * What decisions/0028 lets pass: the record itself and the count of what came too late, the end of the run with its place in the log,
 * the engine's word that the run failed, and what is no job's: queue, locks, owners, an exception for an address, the key of a person
 * that signs logs, which is made where none was signed before.
 */
const PAST_THE_FENCE = [
  /^ace_jobs UPDATE poisoned$/,
  /^flight_(event (security_violation|run_end|network_exception_used)|(violation|key|tile|checkpoint) INSERT|head UPDATE)$/,
  /^engine_run UPDATE$/,
  /^(scheduler_\w+|file_lock) /,
  /[/]\.ctxlock[/](owners$|log([/]|$))/,
  /[/]ctxlock([/]log\.key[^/]*|$)/,
]

const EDITS_OF_JOB = 'SELECT count(*) AS n FROM runner_edit JOIN runner_job_run USING (run_id) WHERE job_id = ?'
const EVENTS_OF_JOB = `SELECT count(*) AS n FROM flight_event
  WHERE json_extract(event, '$.job_id') = ? AND json_extract(event, '$.type') = ?`

/** Three runs beside each other in one workspace, one of which is poisoned; the others are none of its business. */
export async function playCase(
  ports: CasePorts,
  { victim, poisoning, random, isSilent }: PoisonCase,
): Promise<PlayedCase> {
  const { server, probe } = ports
  const root = copyOf(ports.template)
  if ('found' in poisoning && poisoning.found === 'source') writeAll(root, { [`notes/${victim}.md`]: `${INJECTED}\n` })
  const elsewhere = await openSession({ root, variables: process.env })
  const { database } = elsewhere.state
  const before = activeResources()
  const waiting = { approvals: 0, calls: 0 }
  const errors: string[] = []
  const victimEnded = Promise.withResolvers<void>()
  let opened: Opened | undefined
  let commits = 0
  let timer: NodeJS.Timeout | undefined

  const jobOf = (run: string) => database.prepare('SELECT job_id FROM probe_job WHERE run = ?').get(run)?.['job_id']
  const isPoisoned = (run: string) =>
    database
      .prepare("SELECT 1 FROM probe_job JOIN ace_jobs USING (job_id) WHERE run = ? AND state = 'poisoned'")
      .get(run) !== undefined
  probe.isPoisoned = isPoisoned
  probe.onCommit = (run) => {
    if (run !== victim) return
    commits += 1
    if ('afterCommit' in poisoning && commits >= poisoning.afterCommit) poison()
    if ('during' in poisoning && !timer && recorded(BEGUN[poisoning.during]) >= poisoning.number)
      timer = setTimeout(poison, poisoning.afterMs)
    note()
  }

  /** As a guard does that works for the same job in another process. */
  function poison(): void {
    const job_id = jobOf(victim)
    if (typeof job_id !== 'string' || opened) return
    poisonJob(database, { job_id, violation_id: crypto.randomUUID(), ...FOUND }, (event) =>
      recordPoison(elsewhere, event, { trace_id: event.violation_id, job_id }),
    )
    note()
  }

  function note(): void {
    if (opened || !isPoisoned(victim)) return
    const { n: edits } = database.prepare(EDITS_OF_JOB).get(String(jobOf(victim))) ?? {}
    opened = {
      edits: Number(edits),
      ...waiting,
      commands: recorded('command_planned') - recorded('command_ended'),
    }
  }

  /** How many events of this kind the job of the victim has. */
  function recorded(type: string): number {
    return Number(database.prepare(EVENTS_OF_JOB).get(String(jobOf(victim)), type)?.['n'])
  }

  /** As long as somebody takes to answer a run. */
  async function answering(run: RunName, what: keyof typeof waiting): Promise<void> {
    if (run === victim) waiting[what] += 1
    await wait(random() * LONGEST_DELAY_MS)
    if (run === victim && isSilent && opened) await victimEnded.promise
    if (run === victim) waiting[what] -= 1
  }

  server.says = async () => {
    const prompt = server.chats.at(-1)?.toString('utf8') ?? ''
    const run = runOf(prompt)
    await answering(run, 'calls')
    const isInjected = run === victim && 'found' in poisoning && poisoning.found === 'answer'
    return answerTo(prompt, isInjected ? `${WRITTEN} // ${INJECTED}` : WRITTEN)
  }

  async function play(run: RunName): Promise<number> {
    const person = {
      async answer() {
        await answering(run, 'approvals')
        return 'approved' as const
      },
    }
    try {
      return await probe.as(run, () => runTask([join(root, `${run}.json`)], runContext(root, person)))
    } catch (error) {
      const { exit, code, message } = asCommandError(error)
      errors.push(`${run}: ${code}: ${message}`)
      return exit
    } finally {
      if (run === victim) victimEnded.resolve()
    }
  }

  try {
    if ('afterMs' in poisoning && !('during' in poisoning)) timer = setTimeout(poison, poisoning.afterMs)
    const [left, middle, right] = await Promise.all([play('left'), play('middle'), play('right')])
    clearTimeout(timer)
    const active = await leftActive(before)
    return { opened, exits: { left, middle, right }, errors, ...judged(elsewhere, probe, victim), active }
  } finally {
    await elsewhere.close()
    rmSync(root, { recursive: true })
  }
}

function judged(
  { state: { database } }: Session,
  probe: WriteProbe,
  victim: RunName,
): Pick<PlayedCase, 'events' | 'writes'> {
  const rows = database
    .prepare('SELECT what FROM probe_write WHERE run = ?')
    .all(victim)
    .map(({ what }) => String(what))
  const events = database
    .prepare("SELECT count(*) AS n FROM flight_event WHERE json_extract(event, '$.type') = 'security_violation'")
    .get()
  return {
    events: Number(events?.['n']),
    writes: [...rows, ...probe.takeFiles()].filter((what) => !PAST_THE_FENCE.some((passes) => passes.test(what))),
  }
}

/** What is still there after a moment in which it could have ended. */
async function leftActive(before: readonly string[]): Promise<string[]> {
  for (let look = 0; ; look += 1) {
    const left = activeResources().slice(before.length)
    if (left.length === 0 || look === 40) return left
    await wait(25)
  }
}

function activeResources(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap' || kind === 'ProcessWrap')
}
