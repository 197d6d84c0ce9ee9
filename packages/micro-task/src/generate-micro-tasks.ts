import type { ExpectedOutput, MicroTaskDefinition, TaskFile, TaskStep } from '@ctxlock/contracts/micro-task'
import type { DoneCriterion, VerificationSpec } from '@ctxlock/contracts/packs'

import { MicroTaskError } from './micro-task-error.ts'

const DEFAULT_TOKEN_BUDGET = 4096
const DEFAULT_TIMEOUT_MS = 30_000

/**
 * The micro-tasks of a task file: one per step in the order of the file, or one for the whole task. Pure; the same file
 * gives the same definitions. A step takes from the task what it does not state; without `depends_on` it follows the step
 * before it. Throws `STEP_NAME_REPEATED` and `STEP_UNKNOWN`.
 */
export function generateMicroTasks(task: TaskFile): MicroTaskDefinition[] {
  const { steps } = task
  if (!steps) return [define(task, task, 'MT-001', task.title ?? firstLine(task.goal, 100), [])]
  const ids = idsByName(steps)
  return steps.map((step, index) => {
    const previous = index === 0 ? [] : [idAt(index - 1)]
    const dependencies = step.depends_on?.map((name) => idOf(name, ids)) ?? previous
    return define(task, step, idAt(index), step.name, dependencies)
  })
}

function idAt(index: number): string {
  return `MT-${String(index + 1).padStart(3, '0')}`
}

function idsByName(steps: readonly TaskStep[]): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  for (const [index, { name }] of steps.entries()) {
    if (ids.has(name)) {
      throw new MicroTaskError(
        'STEP_NAME_REPEATED',
        `Expected every step to have its own name; steps ${ids.get(name)} and ${idAt(index)} share one. Rename one of them.`,
      )
    }
    ids.set(name, idAt(index))
  }
  return ids
}

function idOf(name: string, ids: ReadonlyMap<string, string>): string {
  const id = ids.get(name)
  if (id !== undefined) return id
  throw new MicroTaskError(
    'STEP_UNKNOWN',
    `Expected depends_on to name a step of this file; got ${JSON.stringify(name)}. The steps are ${[...ids.keys()].map((known) => JSON.stringify(known)).join(', ')}.`,
  )
}

function define(
  task: TaskFile,
  part: TaskFile | TaskStep,
  mtId: string,
  name: string,
  dependsOn: readonly string[],
): MicroTaskDefinition {
  const files = { read: [], modify: [], create: [], ...(part.files ?? task.files) }
  const changesFiles = files.modify.length + files.create.length > 0
  const notes = part.notes ?? task.notes
  return {
    mt_id: mtId,
    name,
    scope: part.goal,
    files,
    actions: part.actions ?? [firstLine(part.goal, 200)],
    verify: (part.verify ?? task.verify ?? []).map(verification),
    done: (part.done ?? task.done).map(criterion),
    depends_on: [...dependsOn],
    token_budget: part.token_budget ?? task.token_budget ?? DEFAULT_TOKEN_BUDGET,
    task_tags: part.task_tags ?? task.task_tags ?? [],
    risk_level: part.risk_level ?? task.risk_level ?? (changesFiles ? 'medium' : 'low'),
    ...(notes === undefined ? {} : { notes }),
    execution_tier: part.execution_tier ?? task.execution_tier ?? 'local_small',
    allowed_tools: part.allowed_tools ?? task.allowed_tools ?? [],
    retry_budget: 1,
    expected_output: expectedOutput(part.expected_output ?? task.expected_output, changesFiles),
  }
}

function expectedOutput(stated: ExpectedOutput | undefined, changesFiles: boolean): ExpectedOutput {
  return stated ?? (changesFiles ? 'patch' : 'structured_answer')
}

function verification(stated: NonNullable<TaskFile['verify']>[number]): VerificationSpec {
  const spec = typeof stated === 'string' ? { command: stated } : stated
  return { expect: 'exit_0', timeout_ms: DEFAULT_TIMEOUT_MS, blocking: true, ...spec }
}

function criterion(stated: TaskFile['done'][number]): DoneCriterion {
  if (typeof stated === 'string') return { description: stated, verification: 'evidence_required' }
  return { ...stated, verification: stated.verify_ref === undefined ? 'evidence_required' : 'automated' }
}

function firstLine(text: string, maximum: number): string {
  const [first = ''] = text.trim().split('\n')
  const line = first.replaceAll('\t', ' ').trim()
  // A cut must not leave half of a surrogate pair behind.
  return line.length <= maximum ? line : `${line.slice(0, maximum - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
