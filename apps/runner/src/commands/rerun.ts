import { requestedWork } from '../run/run-request.ts'
import { optionsOf, type CallCommandOptions } from './call-options.ts'
import type { CommandContext } from './command-context.ts'
import { storedRequest } from './resume.ts'
import { runSubjects } from './run-subjects.ts'
import { workspaceOf } from './workspace-of.ts'

/**
 * `ctxlock rerun`: a recorded run once more, as a new run with a new job. What the command line said then holds unless it says
 * otherwise now, and what an earlier rerun left out stays out.
 */
export function rerun([name = '']: readonly string[], context: CommandContext<CallCommandOptions>): Promise<number> {
  const request = storedRequest(workspaceOf(context), name)
  const without = [...new Set([...request.without, ...(context.options.without ?? [])])]
  const options: CallCommandOptions = { ...optionsOf(request), ...context.options }
  return runSubjects(
    'rerun',
    { ...context, options },
    (session) => ({ ...requestedWork(session, request), without, rerunOf: request.run_id }),
    request.options?.task_path,
  )
}
