import { pathOfSourceId } from '@ctxlock/contracts/references'

import type { Session } from '../session/session.ts'

/**
 * Files that no answer edits whatever a task says (MT-057): those whose rules bind calls anywhere in the workspace, and task files, whose
 * commands run. What is protected by its name, such as `AGENTS.md`, need not be here.
 */
export function bindingPaths({ config, rules }: Pick<Session, 'config' | 'rules'>): ReadonlySet<string> {
  const ofRules = rules.rules.flatMap(({ source_refs }) => source_refs.flatMap(({ id }) => pathOfSourceId(id) ?? []))
  return new Set([...config.rules.files, ...config.tasks, ...ofRules])
}
