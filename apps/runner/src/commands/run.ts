import { realpathSync } from 'node:fs'

import { ANSWER_OUTPUTS } from '@ctxlock/contracts/micro-task'

import { CommandError } from '../command-error.ts'
import type { CommandContext } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { RequestedOptions } from '../run/requested-options.ts'
import { runSubjects } from '../run/run-subjects.ts'
import { planTask, readTask, type PlannedTask } from '../tasks/task-file.ts'
import { EMBEDDED_PROVIDER, type ResolvedConfig } from '../workspace/default-config.ts'
import { pathInside, pathInWorkspace } from '../workspace/path-in-workspace.ts'

/** `ctxlock run`: one governed call per micro-task of a task file, in order. */
export async function run([path = '']: readonly string[], context: CommandContext<RequestedOptions>): Promise<number> {
  const task = readTask(path)
  const root = workspaceOf(context)
  const taskPath =
    context.options.frozen === true
      ? pathInWorkspace(root, process.cwd(), path, '--frozen')
      : pathInside(root, realpathSync(path))
  return runSubjects('run', context, ({ config }) => answerable(planTask(task, config), config), taskPath)
}

/** Passages of sources are never an edit: without any language model, every iteration of such a task would be for nothing. */
function answerable(task: PlannedTask, { providers }: ResolvedConfig): PlannedTask {
  const beyond = task.subjects.find(({ definition }) => !ANSWER_OUTPUTS.has(definition.expected_output))
  if (!beyond || providers.some(({ kind }) => kind !== EMBEDDED_PROVIDER.kind)) return task
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'NO_LANGUAGE_MODEL',
    message: `${beyond.definition.mt_id} expects the output ${beyond.definition.expected_output}, which takes a language model; the config has only the embedded provider, which quotes`,
    hint: 'Add a model with `ctxlock providers add`, or ask for `expected_output: structured_answer`.',
  })
}
