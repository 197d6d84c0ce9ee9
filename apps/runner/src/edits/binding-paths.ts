import { pathOfSourceId } from '@ctxlock/contracts/references'

import type { Session } from '../session/session.ts'

/**
 * Files that no answer of a run edits whatever a task says (MT-057): those whose rules bind calls anywhere in the workspace, and task
 * files, whose commands run, that of the run among them. What is protected by its name, such as `AGENTS.md`, need not be here.
 */
export function bindingPaths(
  { config, rules, runs }: Pick<Session, 'config' | 'rules' | 'runs'>,
  runId: string,
): ReadonlySet<string> {
  const ofRun = runs.get(runId)?.options?.task_path
  const ofRules = rules.rules.flatMap(({ source_refs }) => source_refs.flatMap(({ id }) => pathOfSourceId(id) ?? []))
  return new Set([...config.rules.files, ...config.tasks, ...ofRules, ...(ofRun === undefined ? [] : [ofRun])])
}
