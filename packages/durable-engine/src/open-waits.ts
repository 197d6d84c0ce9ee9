import type { RunWait, Waited } from '@ctxlock/contracts/engine'

import type { Journal } from './journal.ts'
import { corrupt, toStoredJson } from './stored-json.ts'

/** What a run that is in memory waits for. */
export interface OpenWaits {
  readonly size: number
  add(wait: RunWait): Promise<Waited>
  list(): readonly RunWait[]
  /** Reads and, where the time is over, writes what decided them; inside a transaction. Tell with `settle` once it is durable. */
  decide(now: number): ReadonlyMap<RunWait, Waited>
  settle(decided: ReadonlyMap<RunWait, Waited>): void
}

export function openWaits(journal: Journal, runId: string): OpenWaits {
  const waits = new Map<RunWait, (decision: Waited) => void>()
  return {
    get size() {
      return waits.size
    },
    add(wait) {
      const { promise, resolve } = Promise.withResolvers<Waited>()
      waits.set(wait, resolve)
      return promise
    },
    list: () => [...waits.keys()],
    decide(now) {
      const decided = new Map<RunWait, Waited>()
      for (const wait of waits.keys()) {
        const decision = decisionOf(journal, runId, wait, now)
        if (decision) decided.set(wait, decision)
      }
      return decided
    },
    settle(decided) {
      for (const [wait, decision] of decided) {
        const resolve = waits.get(wait)
        waits.delete(wait)
        resolve?.(decision)
      }
    },
  }
}

const TIMEOUT = toStoredJson({ kind: 'timeout' }, 'a timeout')

/** What decided a wait, which is the time when it is over and nothing came before; inside a transaction. */
export function decisionOf(journal: Journal, runId: string, wait: RunWait, now: number): Waited | undefined {
  const { kind, key, until } = wait
  const entry = readDecision(journal, runId, wait)
  if (entry || until === undefined || until > now) return entry
  journal.add(runId, kind, key, TIMEOUT.hash, TIMEOUT)
  return { kind: 'timeout' }
}

export function readDecision(
  journal: Journal,
  runId: string,
  { kind, key }: Pick<RunWait, 'kind' | 'key'>,
): Waited | undefined {
  const entry = journal.read(runId, kind, key)
  if (entry === undefined) return undefined
  if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) {
    if (entry['kind'] === 'timeout') return { kind: 'timeout' }
    if (entry['kind'] === 'signal' && entry['payload'] !== undefined)
      return { kind: 'signal', payload: entry['payload'] }
  }
  throw corrupt(`decision ${runId}/${key}`, 'it is neither a signal nor a timeout')
}
