import { z } from 'zod'

export const TASK_WORKFLOW = 'task'

/** How a run ended, as the engine keeps it. */
export const LoopResult = z.strictObject({
  status: z.enum(['completed', 'completed_with_issues', 'failed', 'cancelled', 'poisoned']),
  reason: z.string(),
  code: z.string().exactOptional(),
  /** The last call of each micro-task that was called for. */
  calls: z.array(z.strictObject({ mt_id: z.string(), call_id: z.string() })),
})
export type LoopResult = z.infer<typeof LoopResult>
