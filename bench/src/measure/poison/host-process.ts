import type { JobState } from '../../../../packages/contracts/src/primitives.ts'
import {
  createJobTable,
  fencedDatabase,
  moveJob,
  mutate,
  openFence,
  poisonJob,
  readJob,
  recoverPoisonedJobs,
  registerJob,
  type JobAborts,
  type MutationFence,
  type RecordPoisonEvent,
} from '../../../../packages/ace-validators/src/poisoning.ts'
import { inTransaction } from '../../../../packages/contracts/src/sql-transaction.ts'
import { textHash } from '../../../../packages/core-hash/src/index.ts'
import { steppedDatabase, type SteppedDatabase } from './stepped-database.ts'

/** Between every two statements: another process may run, or one may die. */
export interface Scheduler {
  pause(): void
  /** True if the recorder is to fail now. */
  isOutage(): boolean
}

/** One process that works on jobs: a connection, and in memory the fences it was given and the nodes that listen to their signals. */
export class HostProcess {
  readonly #path: string
  readonly #scheduler: Scheduler
  #database: SteppedDatabase | undefined
  #fences = new Map<string, { readonly fence: MutationFence; readonly controller: AbortController }>()

  constructor(path: string, scheduler: Scheduler) {
    this.#path = path
    this.#scheduler = scheduler
  }

  get isAlive(): boolean {
    return this.#database?.isAlive === true
  }

  kill(): void {
    this.#database?.kill()
    this.#fences = new Map()
  }

  /** Starts a process, which first finishes what an earlier one left undone (VAL-073). */
  start(): void {
    this.kill()
    this.#database = steppedDatabase(this.#path, () => this.#scheduler.pause())
    createJobTable(this.#database)
    this.recover()
  }

  recover(): void {
    recoverPoisonedJobs(this.database, this.#recordEvent)
  }

  register(job_id: string, parent_job_id: string | null): void {
    const controller = new AbortController()
    const job = { job_id, parent_job_id, inputs_hash: textHash(job_id) }
    const fence = registerJob(this.database, job, controller.signal)
    this.#fences.set(job_id, { fence, controller })
    moveJob(this.database, fence, 'running')
  }

  /** What a job does when it goes on in this process, such as after a restart. */
  open(job_id: string): void {
    const controller = new AbortController()
    this.#fences.set(job_id, { fence: openFence(this.database, job_id, controller.signal), controller })
  }

  /** A node of the job writes files through the gate, all of them or none. */
  write(job_id: string, count: number, inside: () => void = () => undefined): void {
    const { database } = this
    mutate(database, this.#fence(job_id), () => {
      const insert = database.prepare('INSERT INTO files (job_id, text) VALUES (?, ?)')
      for (let file = 0; file < count; file += 1) insert.run(job_id, `${file}`)
      inside()
    })
  }

  /** The same in the name of code that knows nothing of fences: its connection asks for it. */
  writeFenced(job_id: string): void {
    const fenced = fencedDatabase(this.database, this.#fence(job_id))
    const insert = fenced.prepare('INSERT INTO files (job_id, text) VALUES (?, ?)')
    inTransaction(fenced, () => insert.run(job_id, 'first'))
    insert.run(job_id, 'second')
  }

  move(job_id: string, to: JobState): void {
    moveJob(this.database, this.#fence(job_id), to)
  }

  /** A guard found an injection. When this returns the job has ended, one way or the other. */
  poison(job_id: string, violation_id: string): void {
    const found = {
      guard: 'PromptInjectionGuard',
      matches: [],
      policy_profile_id: 'default',
      context_snapshot_id: null,
    }
    const request = { job_id, violation_id, ...found }
    poisonJob(this.database, request, this.#recordEvent, this.#aborts)
  }

  state(job_id: string): JobState | undefined {
    return readJob(this.database, job_id)?.state
  }

  get database(): SteppedDatabase {
    if (this.#database === undefined) throw new Error('Expected a process that was started.')
    return this.#database
  }

  #fence(job_id: string): MutationFence {
    const held = this.#fences.get(job_id)
    // A node that guesses: no signal, and the epoch every job begins with.
    return held?.fence ?? { job_id, epoch: 0 }
  }

  /** Nodes are told at once; one of them tries to save its work when it hears of it, and one when the fence is raised. */
  readonly #aborts: JobAborts = {
    raise: (job_id) => {
      this.#fences.get(job_id)?.controller.abort()
      this.#lastWish(job_id)
    },
    abort: (job_id) => this.#lastWish(job_id),
  }

  #lastWish(job_id: string): void {
    try {
      this.write(job_id, 1)
    } catch {
      // Refused, or a database that is busy: the directive goes on.
    }
  }

  /** On the same connection, as the runner's recorder is; it may fail before or after its row is written. */
  readonly #recordEvent: RecordPoisonEvent = ({ idempotency_key }, job_id) => {
    if (this.#scheduler.isOutage()) throw new Error('the recorder is down')
    this.database.prepare('INSERT INTO events (job_id, key) VALUES (?, ?)').run(job_id, idempotency_key)
    if (this.#scheduler.isOutage()) throw new Error('the recorder is down')
  }
}
