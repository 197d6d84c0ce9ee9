import { DatabaseSync } from 'node:sqlite'

import { EngineError, type RunInfo } from '@ctxlock/contracts/engine'
import { serializeJcs } from '@ctxlock/core-hash'

import { openEngine } from '../../src/index.ts'
import { preparedOnce } from '../support/mortal-database.ts'
import { randomFrom } from '../support/seeded-random.ts'
import { nothingLeft, virtualTime } from '../support/virtual-time.ts'
import { clearHistory, createHistory, judgeHistory, recordGone } from './history.ts'
import { observer, type SentSignal } from './observer.ts'
import { below, inputOf, opsOf, randomPlan, type Plan } from './plan.ts'
import { POISONED, startProcess, type SimulatedProcess } from './simulated-process.ts'

export interface SimulationResult {
  readonly seed: number
  /** What must not be; empty is good. */
  readonly violations: readonly string[]
  readonly runs: number
  readonly kills: number
  readonly signals: number
  readonly simulatedMs: number
}

export interface Simulator {
  simulate(seed: number): Promise<SimulationResult>
  close(): void
}

const START = 1_700_000_000_000
/** More turns than any seed needs that is not stuck. */
const MAX_TURNS = 4000

/** Plays one seed after the other over one database in memory, which is emptied in between. */
export function openSimulator(): Simulator {
  const database = new DatabaseSync(':memory:')
  openEngine({ database, environment: virtualTime(START).process().environment })
  createHistory(database)
  return {
    async simulate(seed) {
      clearHistory(database)
      return playSeed(database, seed)
    },
    close: () => database.close(),
  }
}

async function playSeed(database: DatabaseSync, seed: number): Promise<SimulationResult> {
  const random = randomFrom(seed)
  const time = virtualTime(START, seed)
  const watching = observer(database, time)
  const plans = new Map<string, Plan>(
    Array.from({ length: 1 + below(random, 6) }, (_, index) => [`r${index}`, randomPlan(random)]),
  )
  const runIds = [...plans.keys()]
  const concurrency = 1 + below(random, 3)
  const variants = new Map<string, number>()
  const resumes = new Map<string, number>()
  const mayBe = { poisoned: new Set<string>(), cancelled: new Set<string>(), changed: new Set<string>() }
  const created = new Map<string, number>()
  const signals: SentSignal[] = []
  const gone = new Set<string>()
  let [kills, processes] = [0, 0]
  let stopped: SimulatedProcess | undefined
  let peer: SimulatedProcess | undefined
  let current = await newProcess()

  async function newProcess(): Promise<SimulatedProcess> {
    const process = startProcess({
      name: `p${(processes += 1)}`,
      database,
      time,
      observer: watching,
      concurrency,
      planOf: (runId) => plans.get(runId) ?? [],
      variantOf: (runId, key) => variants.get(`${runId}/${key}`) ?? 0,
      isHealed: (runId) => resumes.has(runId),
      isGone: (owner) => gone.has(owner),
    })
    ask(process.engine.serve())
    return process
  }

  /** Whatever is asked may be refused, or never answered by a process that dies. */
  function ask<Value>(promise: Promise<Value>, answered: (value: Value) => void = () => undefined): void {
    promise.then(answered, (error: unknown) => {
      const isExpected = error instanceof EngineError && EXPECTED.has(error.code)
      if (!isExpected && !/was killed/.test(String(error))) watching.violations.push(`refused with ${String(error)}`)
    })
  }

  function goneNow(process: SimulatedProcess): void {
    gone.add(process.name)
    recordGone(database, process.name)
  }

  async function replace(): Promise<void> {
    goneNow(current)
    kills += 1
    current = await newProcess()
  }

  const pick = () => runIds[below(random, runIds.length)] ?? 'r0'

  function start(runId: string): void {
    ask(current.engine.start('planned', inputOf(plans.get(runId) ?? []), { runId }), (answer) => {
      if (answer.created) created.set(runId, (created.get(runId) ?? 0) + 1)
    })
  }

  function send(signal: SentSignal): void {
    signals.push(signal)
    watching.sent(signal)
    const { runId, key, payload, idempotencyKey } = signal
    ask(current.engine.signal(runId, key, payload, { idempotencyKey }), ({ accepted }) =>
      watching.answered(signal, accepted),
    )
  }

  function signalSomething(): void {
    const repeated = signals[below(random, signals.length * 2)]
    if (repeated && random() < 0.3) return send(repeated)
    const runId = pick()
    const gates = opsOf(plans.get(runId) ?? []).filter(({ op }) => op === 'signal')
    const gate = gates[below(random, gates.length)]
    if (gate) send({ runId, key: gate.key, payload: signals.length, idempotencyKey: `k${signals.length}` })
  }

  function cancel(mode: 'cooperative' | 'terminate'): void {
    const runId = pick()
    mayBe.cancelled.add(runId)
    ask(current.engine.cancel(runId, { mode, reason: mode }), ({ accepted }) => {
      if (accepted) watching.forbid(runId, `it was cancelled (${mode})`)
    })
  }

  function poison(): void {
    const runId = pick()
    mayBe.poisoned.add(runId)
    preparedOnce(database, 'INSERT OR IGNORE INTO fence VALUES (?)').run(runId)
    // As a host does it: on record, then what runs is ended.
    if (random() < 0.5) {
      mayBe.cancelled.add(runId)
      ask(current.engine.cancel(runId, { mode: 'terminate', reason: 'poisoned' }))
    }
  }

  async function change(): Promise<void> {
    // All processes have the same code.
    if (peer || stopped) return
    const runId = pick()
    const steps = opsOf(plans.get(runId) ?? []).filter(({ op }) => op === 'step')
    const step = steps[below(random, steps.length)]
    current.kill()
    if (step) {
      mayBe.changed.add(runId)
      variants.set(`${runId}/${step.key}`, (variants.get(`${runId}/${step.key}`) ?? 0) + 1)
    }
    await replace()
  }

  function resume(): void {
    const runId = pick()
    if (preparedOnce(database, 'SELECT state FROM engine_run WHERE run_id = ?').get(runId)?.['state'] !== 'failed')
      return
    resumes.set(runId, (resumes.get(runId) ?? 0) + 1)
    watching.resumed(runId)
    // Answers of the time before may still be on their way.
    ask(current.engine.resume(runId), () => watching.resumed(runId))
  }

  async function act(): Promise<void> {
    const roll = random()
    if (roll < 0.2) for (let count = below(random, 3); count >= 0; count -= 1) start(pick())
    else if (roll < 0.5) signalSomething()
    else if (roll < 0.55) cancel('cooperative')
    else if (roll < 0.59) cancel('terminate')
    else if (roll < 0.63) poison()
    else if (roll < 0.69) {
      // Not between what an activity saw and what the engine reads right after it.
      await nothingLeft()
      time.now += below(random, 120_000) - 60_000
    } else if (roll < 0.75) {
      current.kill()
      await replace()
    } else if (roll < 0.87) current.killAtCommit(below(random, 3), random() < 0.5 ? 'before' : 'after')
    else if (roll < 0.9) await change()
    else if (roll < 0.94) resume()
    else if (roll < 0.96 && !peer) peer = await newProcess()
    else if (roll < 0.98 && !stopped) {
      // It is held for dead, and goes on when another one works on its runs.
      stopped = current
      current.setStopped(true)
      await replace()
    } else {
      recordGone(database, current.name)
      ask(current.engine.close())
      await nothingLeft()
      await replace()
    }
  }

  async function turn(): Promise<void> {
    if (!current.isAlive()) await replace()
    await time.step()
  }

  /** No more trouble: whatever is unfinished has to end now. */
  async function finish(): Promise<void> {
    stopped?.setStopped(false)
    for (let count = 0; count < 20; count += 1) await turn()
    stopped?.kill()
    peer?.kill()
    if (peer) goneNow(peer)
    current.kill()
    await replace()
    for (const runId of runIds) start(runId)
    for (const runId of runIds)
      for (const { op, key } of opsOf(plans.get(runId) ?? []))
        if (op === 'signal') send({ runId, key, payload: signals.length, idempotencyKey: `k${signals.length}` })
    for (let count = 0; count < MAX_TURNS && !allEnded(); count += 1) await turn()
  }

  function allEnded(): boolean {
    const ended = preparedOnce(database, 'SELECT count(*) AS n FROM engine_run WHERE finished_at IS NOT NULL').get()
    return Number(ended?.['n']) === runIds.length
  }

  function judgeEnd(run: RunInfo | undefined, runId: string): void {
    const state = run?.state ?? 'lost'
    const violated = (problem: string) => watching.violations.push(`${runId}: ${problem}`)
    if (state === 'completed') {
      const seen = opsOf(plans.get(runId) ?? []).map(({ key }) => watching.seen(runId, key) ?? null)
      if (serializeJcs(run?.result) !== serializeJcs(seen)) violated('its result is not what its workflow was given')
    } else if (state === 'failed') {
      const code = run?.error?.code
      if (code === POISONED.code ? !mayBe.poisoned.has(runId) : false) violated('it failed as poisoned but is not')
      if (code === 'NON_DETERMINISM' && !mayBe.changed.has(runId)) violated('it failed as changed but is not')
      if (code === undefined && run?.error?.message !== 'no network') violated(`it failed with ${run?.error?.message}`)
    } else if (state === 'cancelled') {
      if (!mayBe.cancelled.has(runId)) violated('it was cancelled by nobody')
    } else violated(`it ended as ${state}`)
    if ((created.get(runId) ?? 0) > 1) violated('it was created twice')
  }

  const turns = 20 + below(random, 60)
  for (let count = 0; count < turns; count += 1) {
    if (!current.isAlive()) await replace()
    if (random() < 0.35) await act()
    else await time.step()
  }
  await finish()
  for (const runId of runIds) {
    judgeEnd(await current.engine.get(runId), runId)
    for (const problem of judgeHistory(database, runId, resumes.get(runId) ?? 0))
      watching.violations.push(`${runId}: ${problem}`)
  }
  current.kill()
  return {
    seed,
    violations: watching.violations,
    runs: runIds.length,
    kills,
    signals: signals.length,
    simulatedMs: time.now - START,
  }
}

/** What a caller may be told when he asks for something that cannot be any more. */
const EXPECTED: ReadonlySet<string> = new Set(['RUN_UNKNOWN', 'RUN_FINISHED', 'RUN_TAKEN', 'ENGINE_CLOSED'])
