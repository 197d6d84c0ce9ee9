import { openChildBudget } from '@ctxlock/governance'
import type { IterationRequest } from '@ctxlock/micro-task'

import { mostTokens } from '../../governed-call/budget/budgets.ts'
import type { ExecutorRun } from '../executor-run.ts'
import { subjectOf } from '../model-call.ts'
import { refusal, type RefusedChild } from './refused-child.ts'
import { recordSpawn, recordSpawnAccepted, recordSpawnRejected } from './spawn-events.ts'

/**
 * Begins a child: before anybody is asked, its parent sets aside what its one call may cost. The budget is named by the child's job,
 * so that what a killed one had is charged to the parent in full, its bytes may have left. A child whose answer is stored calls nobody.
 */
export function spawn(run: ExecutorRun, parent: ExecutorRun, request: IterationRequest): RefusedChild | undefined {
  if (run.replies.find(run.runId, request.stepId)) return undefined
  const { session, job } = run
  const subject = subjectOf(run, request)
  recordSpawn(run, parent, subject.role.runtime_role)
  const tokens = mostTokens(subject, run.callOptions.maxTokens)
  const { granted, remaining } = openChildBudget(session.state.database, {
    budget_id: job.jobId,
    parent_budget_id: parent.callOptions.budget?.budgetId ?? parent.runId,
    run_id: parent.job.jobId,
    tokens,
    now: session.timestamp(),
  })
  if (granted) {
    recordSpawnAccepted(run, parent)
    return undefined
  }
  recordSpawnRejected(run, parent, 'budget_exceeded')
  const reason = `the run has ${Math.max(0, remaining)} tokens left and the call of a child may use ${tokens}`
  return refusal(session, 'budget', 'budget_exceeded', reason)
}
