import type { RuntimeRole } from '@ctxlock/contracts/packs'
import type { ModelAssignment, WorkProfile } from '@ctxlock/contracts/work-profile'

import { normalizeExtension } from './parse-profile.ts'

export interface TaskFacts {
  /** What kind of work it is: the task's tags. */
  readonly taskTypes?: readonly string[]
  /** Workspace paths the task modifies or creates. */
  readonly files?: readonly string[]
}

export interface EffectiveAssignment {
  readonly assignment: ModelAssignment
  readonly source: 'task_type_rule' | 'filetype_rule' | 'profile'
}

/**
 * The assignment in force for a role: task-type rule, else file-type rule, else the profile's own. A rule replaces the
 * whole assignment; of several task types that have a rule, the first rule of the profile counts; a file-type rule applies
 * when every file has its extension (PROV-065).
 */
export function effectiveAssignment(profile: WorkProfile, role: RuntimeRole, task: TaskFacts): EffectiveAssignment {
  const { task_type_rules = [], filetype_rules = [] } = profile.overrides ?? {}
  const { taskTypes = [], files = [] } = task
  const byTask = task_type_rules.find(
    ({ task_type, assignments }) => taskTypes.includes(task_type) && assignments[role] !== undefined,
  )?.assignments[role]
  if (byTask) return { assignment: byTask, source: 'task_type_rule' }
  const extension = sharedExtension(files)
  const byFile = filetype_rules.find((rule) => normalizeExtension(rule.extension) === extension)?.assignments[role]
  if (byFile) return { assignment: byFile, source: 'filetype_rule' }
  return { assignment: profile.model_assignments[role], source: 'profile' }
}

/** `ts` when all paths end in `.ts`; `undefined` for none, for several, and for names without an extension. */
function sharedExtension(paths: readonly string[]): string | undefined {
  const extensions = new Set(paths.map(extensionOf))
  const [extension] = extensions
  return extensions.size === 1 ? extension : undefined
}

function extensionOf(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 && dot < name.length - 1 ? name.slice(dot + 1).toLowerCase() : undefined
}
