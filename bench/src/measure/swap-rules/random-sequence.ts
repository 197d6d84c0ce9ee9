import { randomUUID } from 'node:crypto'

import { bytesHash } from '../../../../packages/core-hash/src/index.ts'
import { pick, type Random } from '../generated-files/random.ts'
import { rulesSegment } from './rules-segment.ts'
import { WINDOWS, type SwapWorkspace } from './swap-workspace.ts'
import { startProcess, type Work, type WorkingProcess } from './working-process.ts'

export interface Tally {
  calls: number
  compactions: number
  /** Changes of model that ended with the target, and those that ended with the model there was. */
  swaps: number
  swaps_taken_back: number
  /** Of the latter, changes to a model whose window cannot hold the rules. */
  windows_too_small: number
  crashes: number
  /** Changes that a crash cut off and the next process took back. */
  recovered: number
  /** Requests, by the hash of their rules segment and by provider. */
  readonly rules: Map<string, number>
  readonly requests: Map<string, number>
  /** Requests of which a server received other bytes than were recorded. */
  wire_differs: number
  /** Times a server held a model that nobody was working with. */
  left_loaded: number
  /** Changes to a too small window that did not end with that reason. */
  wrong_reason: number
}

const MODELS = Object.keys(WINDOWS)
const OPERATIONS = 8
/** A process dies while a server answers one of so many requests, or when it has none of them left. */
const MAX_DEATH = 8

/** One piece of work: calls, compactions and changes of model in processes that may die at any request; another one goes on. */
export async function playSequence(workspace: SwapWorkspace, random: Random, tally: Tally): Promise<void> {
  const servers = Object.values(workspace.servers)
  for (const server of servers) server.unloadAll()
  const work: Work = { runId: randomUUID(), model: 'small:ollama', step: 0, swaps: 0, history: [], binding: undefined }
  let process = await startProcess(workspace.root, work)
  for (let operation = 0; operation < OPERATIONS; operation += 1) {
    const work = pick(random, [call, call, swap, swap, swap, compact])
    if (random() < 0.2) await dying(work)
    else await work()
  }
  await call()
  await process.close()

  async function call(): Promise<void> {
    const before = servers.map(({ chats }) => chats.length)
    const body = await process.call()
    const [sent] = servers.flatMap(({ chats }, index) => chats.slice(before[index]))
    if (sent && bytesHash(sent) !== bytesHash(body)) tally.wire_differs += 1
    tally.calls += 1
    add(tally.rules, bytesHash(rulesSegment(body)))
    add(tally.requests, sent ? work.model : 'embedded')
  }

  async function swap(): Promise<void> {
    const to = pick(random, ['tiny:ollama', ...MODELS.filter((model) => model !== work.model)])
    const fails = random() < 0.15
    if (fails)
      for (const server of servers) server.fail = (path, model) => (isLoad(path) && model === to ? 500 : undefined)
    const key = `swap-${work.swaps + 1}`
    const { status } = await process.swapper
      .swap({ key, mtId: 'MT-001', from: work.model, to, reason: 'escalation' })
      .finally(() => {
        if (fails) for (const server of servers) server.fail = undefined
      })
    work.swaps += 1
    if (status === 'completed') work.model = to
    tally[status === 'completed' ? 'swaps' : 'swaps_taken_back'] += 1
    if (to === 'tiny:ollama') judgeWindow(process, fails)
    judgeLoaded()
  }

  /** What was said becomes one line. The rules are no part of what can be compacted. */
  async function compact(): Promise<void> {
    tally.compactions += 1
    work.history = work.history.length === 0 ? [] : [`${work.history.length} answers so far; the depot is open.`]
  }

  async function dying(operation: () => Promise<void>): Promise<void> {
    let left = Math.floor(random() * MAX_DEATH)
    let death: Promise<void> | undefined
    const die = () => (death ??= process.kill())
    for (const server of servers) {
      server.fail = () => {
        left -= 1
        if (left < 0) void die()
        return left < 0 ? 500 : undefined
      }
    }
    try {
      await operation()
    } catch (error) {
      if (death === undefined) throw error
    }
    await die()
    for (const server of servers) server.fail = undefined
    tally.crashes += 1
    process = await startProcess(workspace.root, work)
    tally.recovered += (await process.swapper.recover()).filter(({ rolled_back }) => rolled_back === true).length
    judgeLoaded()
  }

  function judgeWindow({ lastReason }: WorkingProcess, fails: boolean): void {
    tally.windows_too_small += 1
    if (!fails && lastReason() !== 'window_too_small') tally.wrong_reason += 1
  }

  function judgeLoaded(): void {
    const others = servers.flatMap(({ loaded }) => [...loaded]).filter((model) => model !== work.model)
    tally.left_loaded += others.length
  }
}

function isLoad(path: string): boolean {
  return path === '/api/generate' || path === '/models/load'
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
