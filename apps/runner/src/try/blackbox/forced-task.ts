import type { TaskFile } from '@ctxlock/contracts/micro-task'
import { ProviderError, type LlmClient } from '@ctxlock/contracts/provider'

import type { ExitCode } from '../../exit-code.ts'
import type { Output } from '../../output/output.ts'
import { inJob, startJob } from '../../run/job.ts'
import { makeCallsInTurn } from '../../run/make-calls.ts'
import { inputsHash } from '../../run/planned-run.ts'
import { recordedRun } from '../../run/recorded-run.ts'
import { openSession, type Session } from '../../session/session.ts'
import { planTask } from '../../tasks/task-file.ts'
import { MODELS, type TrialCopy } from './trial-copy.ts'

const SILENT: Output = { json: false, line() {}, event() {}, result() {}, progress() {} }

export interface FinishedTask {
  readonly runId: string
  readonly exit: ExitCode
}

/**
 * Runs a task as `ctxlock run` does, with one thing forced: after so many `answers` the first model is gone, as a server that was
 * stopped, so that the run changes to the second.
 */
export async function runTask(
  copy: TrialCopy,
  task: TaskFile,
  answers: number,
  signal: AbortSignal,
): Promise<FinishedTask> {
  const session = await openSession({ root: copy.root, variables: copy.variables })
  try {
    const planned = planTask(task, session.config)
    const losing = losingModel(session, MODELS.first, answers)
    let runId = ''
    const exit = await recordedRun(losing, 'run', (ids) => {
      runId = ids.runId
      const job = startJob(losing, inputsHash(planned), [ids.runId])
      const context = { options: {}, output: SILENT, workspace: copy.root }
      const run = { command: 'run', context, taskPath: undefined, ids, runId: ids.runId, job, signal }
      return inJob(losing, job, async () => (await makeCallsInTurn(losing, run, planned)).exit)
    })
    return { runId, exit }
  } finally {
    await session.close()
  }
}

/** The session, in which one model answers so many calls and none after that. */
function losingModel(session: Session, model: string, answers: number): Session {
  let left = answers
  const losing = (client: LlmClient): LlmClient => ({
    ...client,
    prepareChat(request) {
      const call = client.prepareChat(request)
      if (request.model !== model) return call
      return {
        ...call,
        send(options) {
          left -= 1
          return left >= 0 ? call.send(options) : Promise.reject(gone())
        },
      }
    },
  })
  const { providers } = session
  const client: typeof providers.client = async (provider) => losing(await providers.client(provider))
  // Not a copy: what changes in the session while the run goes on has to show.
  return Object.setPrototypeOf({ providers: { ...providers, client } }, session)
}

function gone(): ProviderError {
  return new ProviderError('model_load_failed', 'The trial took this model away.', { attempts: 1 })
}
