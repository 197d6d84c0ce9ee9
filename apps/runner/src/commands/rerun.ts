import { requestedSubjects } from '../run/run-request.ts'
import type { CallCommandOptions } from './call-options.ts'
import type { CommandContext } from './command-context.ts'
import { runSubjects } from './run-subjects.ts'

/** `ctxlock rerun`: a recorded run once more, as a new run with a new job; what an earlier rerun left out stays out. */
export function rerun([name = '']: readonly string[], context: CommandContext<CallCommandOptions>): Promise<number> {
  return runSubjects('rerun', context, ({ runs }) => {
    const request = runs.find(name)
    const without = [...new Set([...request.without, ...(context.options.without ?? [])])]
    return { subjects: requestedSubjects(request), without, rerunOf: request.run_id }
  })
}
