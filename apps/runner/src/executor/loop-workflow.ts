import type { WorkflowDefinition } from '@ctxlock/contracts/engine'
import { runLoop } from '@ctxlock/micro-task'

import { createDurableSteps } from './durable-steps.ts'
import type { ExecutorRun } from './executor-run.ts'
import { recordCancelled } from './cancelled.ts'
import { createLoopHost } from './loop-host.ts'
import { TASK_WORKFLOW, type LoopResult } from './loop-result.ts'

/** Changes when runs of an earlier version can no longer be gone on with. */
const VERSION = '2.0'

/** The loop of one run as a workflow. `thrown` says why it does not go on in this process, `completedNow` what it completed. */
export function loopWorkflow(run: ExecutorRun) {
  const steps = createDurableSteps()
  const completedNow = new Set<string>()
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
        onCompleted: (mtId) => completedNow.add(mtId),
      })
      const { end } = await runLoop(run.plan.loop, host)
      if (!end) throw new TypeError('a loop that returned has ended')
      return { ...end, calls: [...calls].map(([mt_id, call_id]) => ({ mt_id, call_id })) } satisfies LoopResult
    },
    ended: (_, ended) =>
      recordCancelled(run.session, { ...run, jobId: run.job.jobId, wpId: run.plan.loop.wpId }, ended),
  }
  return { workflow, completedNow, thrown: steps.thrown }
}
