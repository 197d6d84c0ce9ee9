import { planTask, readTask } from '../tasks/task-file.ts'
import type { CallCommandOptions } from './call-options.ts'
import { pathInWorkspace } from '../workspace/path-in-workspace.ts'
import type { CommandContext } from './command-context.ts'
import { runSubjects } from './run-subjects.ts'
import { workspaceOf } from './workspace-of.ts'

/** `ctxlock run`: one governed call per micro-task of a task file, in order. */
export async function run(
  [path = '']: readonly string[],
  context: CommandContext<CallCommandOptions>,
): Promise<number> {
  const task = readTask(path)
  const root = workspaceOf(context)
  const taskPath = context.options.frozen === true ? pathInWorkspace(root, process.cwd(), path, '--frozen') : undefined
  return runSubjects('run', context, ({ config }) => planTask(task, config), taskPath)
}
