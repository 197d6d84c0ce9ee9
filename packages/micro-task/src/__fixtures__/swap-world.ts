import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

import type { ModelSwapRequest, SwapReport } from '@ctxlock/contracts/model-swap'

import type { SwapEvent, SwapPorts, SwapRefusal } from '../swap/swap-ports.ts'
import { openSwapJournal } from '../swap/swap-journal.ts'
import { simulatedTime } from './simulated-time.ts'

export const SMALL = 'coder:7b'
export const LARGE = 'coder:32b'
const STATE = 'progress: MT-001, iteration 3'

/** The step of a port, in the order a swap takes them. */
export type PortStep = 'persist' | 'size' | 'unload' | 'load' | 'ready' | 'measure' | 'compile' | 'bind' | 'resume' | 'rebind'

/** One machine with a model server, a state store and a journal. What goes wrong on it is set by the test. */
export interface SwapWorld {
  readonly time: ReturnType<typeof simulatedTime>
  readonly ports: SwapPorts<string>
  /** Those that were committed. */
  readonly events: readonly SwapEvent[]
  readonly reports: readonly SwapReport[]
  readonly loaded: Set<string>
  readonly sizes: Map<string, number>
  readonly steps: PortStep[]
  /** The most that was loaded at once, in megabytes. */
  peakMb: number
  inFlight: number
  aborted: number
  state: string | undefined
  refusal: SwapRefusal | undefined
  /** Asked at each step: what it throws or waits for. */
  trouble: (step: PortStep, model?: string) => Promise<void> | void
  /** Asked before each write of the journal. */
  beforeWrite: (write: number) => void
  held: boolean
}

export function swapWorld(): SwapWorld {
  const database = new DatabaseSync(':memory:')
  const time = simulatedTime()
  database.exec('CREATE TABLE kept (kind TEXT, value TEXT)')
  const keep = (kind: string, value: object) =>
    database.prepare('INSERT INTO kept VALUES (?, ?)').run(kind, JSON.stringify(value))
  const kept = (kind: string) =>
    database.prepare('SELECT value FROM kept WHERE kind = ?').all(kind).map(({ value }) => JSON.parse(String(value)))
  let writes = 0
  let snapshots = 0
  const step = async (name: PortStep, signal: AbortSignal, model?: string) => {
    signal.throwIfAborted()
    world.steps.push(name)
    await world.trouble(name, model)
  }
  const journal = openSwapJournal({
    database,
    clock: time.clock,
    record: (event) => {
      world.beforeWrite((writes += 1))
      keep('event', event)
    },
    keep: (report) => keep('report', report),
  })
  const world: SwapWorld = {
    time,
    get events() {
      return kept('event')
    },
    get reports() {
      return kept('report')
    },
    loaded: new Set([SMALL]),
    sizes: new Map([
      [SMALL, 5_000],
      [LARGE, 20_000],
    ]),
    steps: [],
    peakMb: 5_000,
    inFlight: 0,
    aborted: 0,
    state: STATE,
    refusal: undefined,
    trouble: () => {},
    beforeWrite: () => {},
    held: false,
    ports: {
      clock: time.clock,
      timers: time.timers,
      journal,
      state: {
        persist: (_request, signal) => step('persist', signal),
        hash: () => (world.state === undefined ? undefined : hashOf(world.state)),
      },
      models: {
        async sizeMb(model, signal) {
          await step('size', signal, model)
          return world.sizes.get(model)
        },
        isMeasurable: async () => true,
        async unload(model, signal) {
          await step('unload', signal, model)
          world.loaded.delete(model)
        },
        async load(model, signal) {
          await step('load', signal, model)
          world.loaded.add(model)
          const used = [...world.loaded].reduce((sum, name) => sum + (world.sizes.get(name) ?? 0), 0)
          world.peakMb = Math.max(world.peakMb, used)
        },
        async isReady(model, signal) {
          await step('ready', signal, model)
          return world.loaded.has(model)
        },
        async measure(model, signal) {
          await step('measure', signal, model)
          const vramMb = world.sizes.get(model)
          return vramMb === undefined ? undefined : { vramMb, ramMb: 0 }
        },
      },
      hold() {
        world.held = true
        const { promise: idle, resolve } = Promise.withResolvers<void>()
        if (world.inFlight === 0) resolve()
        return {
          idle,
          abort() {
            world.aborted += world.inFlight
            world.inFlight = 0
            resolve()
          },
          release() {
            world.held = false
          },
        }
      },
      context: {
        async compile(_request, signal) {
          await step('compile', signal)
          return uuid((snapshots += 1))
        },
        async bind(_request, snapshot, signal) {
          await step('bind', signal)
          const pair = { role_pack_hash: hashOf('role'), work_unit_pack_hash: hashOf('unit') }
          return { previousBindingId: uuid(900), bindingId: uuid(901), contextSnapshotId: snapshot, requested: pair, effective: pair }
        },
        async rebind(_request, signal) {
          await step('rebind', signal)
          return { bindingId: uuid(902) }
        },
        resume: (_request, _bound, signal) => step('resume', signal),
      },
      refusal: () => world.refusal,
    },
  }
  return world
}

export function swapRequest(changes: Partial<ModelSwapRequest> = {}): ModelSwapRequest {
  return {
    schema_version: 'hsk.model_swap@0.4',
    request_id: uuid(1),
    current_model_id: SMALL,
    target_model_id: LARGE,
    role: 'worker',
    priority: 'normal',
    reason: 'escalation',
    swap_strategy: 'unload_reload',
    state_persist_refs: [hashOf(STATE)],
    state_hash: hashOf(STATE),
    context_compile_ref: 'MT-001_iter-004',
    max_vram_mb: 24_000,
    max_ram_mb: 1_000,
    timeout_ms: 120_000,
    requester: { subsystem: 'mt_executor', job_id: 'job-1', wp_id: 'WP-1', mt_id: 'MT-001' },
    ...changes,
  }
}

export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
