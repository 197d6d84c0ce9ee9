import { ValidatorError } from '../../../../packages/ace-validators/src/validator-error.ts'
import { pick, type Random } from '../generated-files/random.ts'
import { HostProcess, type Scheduler } from './host-process.ts'
import { Killed } from './stepped-database.ts'

/** A job with children and grandchildren, and one that has nothing to do with it. */
const FAMILY = ['job', 'job.1', 'job.2', 'job.1.1'] as const
const PARENTS: Readonly<Record<string, string>> = { 'job.1': 'job', 'job.2': 'job', 'job.1.1': 'job.1' }
const BYSTANDER = 'bystander'
const MOST_KILLS = 4

export interface Played {
  readonly kills: number
  /** Kills while a poisoning was under way. */
  readonly kills_while_poisoning: number
  readonly statements: number
  readonly detections: number
  readonly refused: number
  /** A job that has nothing to do with it could not go on afterwards. */
  readonly bystanders_blocked: number
}

/**
 * Three processes on one file, in an order the seed chooses: they start children, write, move on, detect injections,
 * die between any two statements and start again. At the end everything still to be detected is, what died starts again, and
 * every node tries to write once more.
 */
export function playInterleaving(path: string, random: Random): Played {
  const played = { kills: 0, kills_while_poisoning: 0, statements: 0, detections: 0, refused: 0, bystanders_blocked: 0 }
  let quiet = true
  let poisoning = 0

  const scheduler: Scheduler = {
    isOutage: () => !quiet && random() < 0.15,
    pause() {
      played.statements += 1
      if (quiet) return
      const dies = random() < (poisoning > 0 ? 0.04 : 0.01)
      if (dies && played.kills < MOST_KILLS) kill(random() < 0.5 ? (running.at(-1) ?? first) : pick(random, processes))
      else if (random() < 0.12) act()
    },
  }
  const processes = [
    new HostProcess(path, scheduler),
    new HostProcess(path, scheduler),
    new HostProcess(path, scheduler),
  ] as const
  const [first, second] = processes
  /** Those between two statements now, the innermost last. A process does one thing at a time. */
  const running: HostProcess[] = []
  const undetected = detections(random)

  function kill(process: HostProcess): void {
    if (!process.isAlive) return
    process.kill()
    played.kills += 1
    if (poisoning > 0) played.kills_while_poisoning += 1
  }

  /** Runs one thing in one process and takes what may come of it: a refusal, a busy file, a death. */
  function attempt(process: HostProcess, work: () => void): boolean {
    running.push(process)
    try {
      work()
      return true
    } catch (error) {
      if (error instanceof ValidatorError) played.refused += 1
      else if (!(error instanceof Killed) && !isBusy(error)) throw error
      return false
    } finally {
      running.pop()
    }
  }

  function act(): void {
    const process = pick(random, processes)
    if (running.includes(process)) return
    if (!process.isAlive) {
      attempt(process, () => process.start())
      return
    }
    const job = pick(random, FAMILY)
    const [due] = undetected
    const what = random()
    if (what < 0.3) attempt(process, () => process.write(job, 1 + Math.floor(random() * 3)))
    else if (what < 0.45) attempt(process, () => process.writeFenced(job))
    else if (what < 0.6) attempt(process, () => startOrOpen(process, job))
    else if (what < 0.7)
      attempt(process, () =>
        process.move(job, pick(random, ['stalled', 'running', 'awaiting_validation', 'completed'])),
      )
    else if (what < 0.75) attempt(process, () => process.recover())
    else if (what < 0.8 && due) attempt(process, () => process.write(job, 1, () => process.poison(job, VIOLATION)))
    else if (due) detect(process, due)
  }

  function startOrOpen(process: HostProcess, job: string): void {
    if (process.state(job) === undefined) process.register(job, PARENTS[job] ?? null)
    else process.open(job)
  }

  /** What was found stays to be found until the job is at its end; a process whose directive failed has to end itself (P2). */
  function detect(process: HostProcess, job: string): void {
    poisoning += 1
    const done = attempt(process, () => process.poison(job, VIOLATION))
    poisoning -= 1
    if (!done) {
      kill(process)
      return
    }
    played.detections += 1
    // Another process may have seen to the same one in the meantime.
    if (undetected.includes(job)) undetected.splice(undetected.indexOf(job), 1)
  }

  for (const process of processes) process.start()
  first.register('job', null)
  first.register(BYSTANDER, null)
  second.open('job')
  quiet = false
  for (let turn = 8 + Math.floor(random() * 12); turn > 0; turn -= 1) act()

  quiet = true
  for (const job of undetected.slice()) {
    if (!first.isAlive) first.start()
    detect(first, job)
  }
  for (const process of processes) {
    if (process.isAlive) process.recover()
    else process.start()
    for (const job of FAMILY) {
      attempt(process, () => process.write(job, 1))
      attempt(process, () => process.open(job))
      attempt(process, () => process.write(job, 1))
    }
  }
  const goesOn = attempt(second, () => second.open(BYSTANDER)) && attempt(second, () => second.write(BYSTANDER, 1))
  if (!goesOn) played.bystanders_blocked += 1
  for (const process of processes) process.kill()
  return played
}

const VIOLATION = '11111111-1111-4111-8111-111111111111'

/** One to three detections, of one job twice or of several of the family. */
function detections(random: Random): string[] {
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, FAMILY))
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /database (?:table )?is locked/.test(error.message)
}
