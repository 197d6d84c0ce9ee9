import { readTask, taskSubjects } from '../tasks/task-file.ts'
import type { CallCommandOptions } from './call-options.ts'
import type { CommandContext } from './command-context.ts'
import { runSubjects } from './run-subjects.ts'

/** `ctxlock run`: one governed call per micro-task of a task file, in order. */
export async function run(
  [path = '']: readonly string[],
  context: CommandContext<CallCommandOptions>,
): Promise<number> {
  const task = readTask(path)
  return runSubjects('run', context, (config) => taskSubjects(task, config))
}
