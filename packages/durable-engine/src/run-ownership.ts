import { EngineError } from '@ctxlock/contracts/engine'

import type { EngineParts } from './engine-parts.ts'

/** Which process works on a run; inside a transaction. */
export interface RunOwnership {
  /** Gives free whatever processes that are gone worked on. */
  freeAbandoned(): void
  isTaken(runId: string): boolean
  /** Throws `RUN_TAKEN`. */
  demandFree(runId: string): void
}

export function openOwnership({ owner, runs }: Pick<EngineParts, 'owner' | 'runs'>): RunOwnership {
  const isTaken = (runId: string): boolean => {
    const { owner: holder } = runs.standing(runId)
    return holder !== undefined && holder !== owner.id && !owner.isGone(holder)
  }
  return {
    isTaken,
    freeAbandoned() {
      for (const holder of runs.owners()) if (holder !== owner.id && owner.isGone(holder)) runs.release(holder)
    },
    demandFree(runId) {
      if (!isTaken(runId)) return
      throw new EngineError(
        'RUN_TAKEN',
        `Expected run ${runId} to be free; a process that is alive works on it. Wait for it, or end that process.`,
      )
    },
  }
}
