import type { RunRequest } from '@ctxlock/contracts/call'

import { requestedSubjects } from '../run/run-request.ts'
import { openRunIndex } from '../session/run-index.ts'
import { openStoredSession } from '../session/stored-session.ts'
import { optionsOf, type CallCommandOptions } from './call-options.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { runSubjects } from './run-subjects.ts'
import { workspaceOf } from './workspace-of.ts'

/** `ctxlock resume`: goes on with a recorded run that waits for a person or was interrupted; what is finished is not repeated. */
export function resume([name = '']: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const request = storedRequest(workspaceOf(context), name)
  const options: CallCommandOptions = { ...optionsOf(request), ...context.options, resume: request.run_id }
  return runSubjects(
    request.options?.command ?? 'run',
    { ...context, options },
    () => ({
      subjects: requestedSubjects(request),
      without: request.without,
      ...(request.rerun_of !== undefined && { rerunOf: request.rerun_of }),
    }),
    request.options?.task_path,
  )
}

/** Read before the session is opened, because what the run was told decides how. */
export function storedRequest(root: string, name: string): RunRequest {
  const session = openStoredSession(root, process.env)
  try {
    return openRunIndex(session.state.database, session.artifacts).find(name)
  } finally {
    session.close()
  }
}
