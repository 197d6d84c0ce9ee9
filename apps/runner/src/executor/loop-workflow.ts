import type { WorkflowDefinition } from '@ctxlock/contracts/engine'
import { runLoop } from '@ctxlock/micro-task'
import { z } from 'zod'

import { createDurableSteps } from './durable-steps.ts'
import type { ExecutorRun } from './executor-run.ts'
import { recordCancelled } from './cancelled.ts'
import { createLoopHost } from './loop-host.ts'

export const TASK_WORKFLOW = 'task'

/** Changes when runs of an earlier version can no longer be gone on with. */
const VERSION = '2.0'

/** How a run ended, as the engine keeps it. */
export const LoopResult = z.strictObject({
  status: z.enum(['completed', 'completed_with_issues', 'failed', 'cancelled', 'poisoned']),
  reason: z.string(),
  code: z.string().exactOptional(),
  /** The last call of each micro-task that was called for. */
  calls: z.array(z.strictObject({ mt_id: z.string(), call_id: z.string() })),
})
export type LoopResult = z.infer<typeof LoopResult>

/** The loop of one run as a workflow. `thrown` says why it does not go on in this process. */
export function loopWorkflow(run: ExecutorRun) {
  const steps = createDurableSteps()
  const workflow: WorkflowDefinition = {
    name: TASK_WORKFLOW,
    version: VERSION,
    activities: steps.activities,
    async run(context) {
      const calls = new Map<string, string>()
      const host = await createLoopHost({
        run,
        steps,
        context,
        onReply: (mtId, { call_id }) => calls.set(mtId, call_id),
      })
      const { end } = await runLoop(run.plan.loop, host)
      if (!end) throw new TypeError('a loop that returned has ended')
      return { ...end, calls: [...calls].map(([mt_id, call_id]) => ({ mt_id, call_id })) } satisfies LoopResult
    },
    ended: (_, ended) =>
      recordCancelled(run.session, { ...run, jobId: run.job.jobId, wpId: run.plan.loop.wpId }, ended),
  }
  return { workflow, thrown: steps.thrown }
}
