// TEMPORARY pass-through until the pipeline lands
import type { GuardReport } from '@ctxlock/contracts/guards'
import type { Retrieval } from '@ctxlock/context-compiler'
export function openGuardRun(..._: unknown[]) {
  const reports: GuardReport[] = []
  return {
    reports,
    async plan(..._: unknown[]) {},
    async trace(_: unknown, found: Retrieval, ..._r: unknown[]) {
      return found
    },
    async call(..._: unknown[]) {},
  }
}
