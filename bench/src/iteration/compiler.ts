import { join } from 'node:path'

import { prepareCall } from '../../../apps/runner/src/governed-call/governed-call.ts'
import { startJob } from '../../../apps/runner/src/run/job.ts'
import { openSession } from '../../../apps/runner/src/session/session.ts'
import { planTask, readTask } from '../../../apps/runner/src/tasks/task-file.ts'

import type { Work } from './iteration-workspace.ts'

/** Everything of one call before its bytes leave: packs bound, files retrieved and checked, every guard, envelope and snapshot. */
export async function openCompiler(root: string, work: Work) {
  const session = await openSession({ root, variables: process.env })
  const [subject] = planTask(readTask(join(root, `${work}.json`)), session.config).subjects
  if (!subject) throw new TypeError('a task has a micro-task')
  const { random } = session.environment
  const run = { ...startJob(session, '0'.repeat(64)), runId: random.uuid(), sessionId: random.uuid() }
  return {
    async compile(): Promise<void> {
      const ids = { ...run, stepId: 'MT-001_iter-001', traceId: random.uuid(), callId: random.uuid() }
      const options = { stream: false, maxTokens: undefined, signal: new AbortController().signal }
      await prepareCall(session, subject, ids, options)
    },
    close: () => session.close(),
  }
}
