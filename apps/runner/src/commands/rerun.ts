import type { CommandContext } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { optionsOf, type RequestedOptions } from '../run/requested-options.ts'
import { requestedWork } from '../run/run-request.ts'
import { runSubjects } from '../run/run-subjects.ts'
import { storedRequest } from './resume.ts'

/**
 * `ctxlock rerun`: a recorded run once more, as a new run with a new job. What the command line said then holds unless it says
 * otherwise now, and what an earlier rerun left out stays out.
 */
export async function rerun(
  [name = '']: readonly string[],
  context: CommandContext<RequestedOptions>,
): Promise<number> {
  const request = await storedRequest(workspaceOf(context), name, 'run again')
  const without = [...new Set([...request.without, ...(context.options.without ?? [])])]
  const options: RequestedOptions = { ...optionsOf(request), ...context.options }
  return runSubjects(
    'rerun',
    { ...context, options },
    (session) => ({ ...requestedWork(session, request), without, rerunOf: request.run_id }),
    request.options?.task_path,
  )
}
