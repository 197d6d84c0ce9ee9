import { randomUUID } from 'node:crypto'

import { bytesHash } from '../../../../packages/core-hash/src/index.ts'
import { rulesSegment } from './rules-segment.ts'
import type { SwapWorkspace } from './swap-workspace.ts'
import { startProcess, type Work } from './working-process.ts'

export interface SwapAtStep {
  /** Calls that were made; the last ones by the other model. */
  readonly calls: number
  readonly rules: ReadonlySet<string>
  readonly status: 'completed' | 'kept_current' | 'failed'
  readonly reason: unknown
}

/** Work of so many calls, the model of which is changed before the call `step`, counted from 0. */
export async function swapAtStep(
  workspace: SwapWorkspace,
  {
    from,
    to,
    step,
    steps,
  }: { readonly from: string; readonly to: string; readonly step: number; readonly steps: number },
): Promise<SwapAtStep> {
  for (const server of Object.values(workspace.servers)) server.unloadAll()
  const work: Work = { runId: randomUUID(), model: from, step: 0, swaps: 0, history: [], binding: undefined }
  const process = await startProcess(workspace.root, work)
  const rules = new Set<string>()
  let status: SwapAtStep['status'] = 'failed'
  try {
    for (let call = 0; call < steps; call += 1) {
      if (call === step) {
        const asked = { key: 'swap-1', mtId: 'MT-001', from, to, reason: 'escalation', isCloud: false } as const
        status = (await process.swapper.swap(asked)).status
        if (status === 'completed') work.model = to
      }
      rules.add(bytesHash(rulesSegment(await process.call())))
    }
    return { calls: work.step, rules, status, reason: process.lastReason() }
  } finally {
    await process.close()
  }
}
