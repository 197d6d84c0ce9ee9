import { assertLockableRules, buildLockfile } from '@ctxlock/context-pack'
import type { Lockfile } from '@ctxlock/contracts/lockfile'

import { rolePackOf } from '../governed-call/packs/build-packs.ts'
import type { RunIds } from '../run/recorded-run.ts'
import type { Session } from '../session/session.ts'
import { packSources } from './pack-sources.ts'
import { surveySources, type SourceSurvey } from './source-survey.ts'

/**
 * Packs every source and states what a model will see: sources, rules, packs and tasks by hash. Throws what
 * `assertLockableRules` and `buildRolePack` throw.
 */
export async function lockWorkspace(
  session: Session,
  ids: RunIds,
  tasks: readonly string[],
  progress: (text: string) => void,
  surveyed?: SourceSurvey,
): Promise<Lockfile> {
  assertLockableRules(session.rules, session.redactor)
  const survey = surveyed ?? (await surveySources(session.root, session.config))
  const lines = await packSources(session, ids, survey.sources, progress)
  return buildLockfile({
    builder: session.packBuilder,
    tokenCounter: session.counter.id,
    sources: lines.filter((line) => 'hash' in line),
    excluded: [...survey.excluded, ...lines.filter((line) => 'reason' in line)],
    rolePacks: session.config.roles.map((role) => rolePackOf(session, role).pack),
    scopedRules: session.rules.rules,
    guards: session.pluginGuards.map(({ locked }) => locked),
    ...(await taskInput(session, tasks, progress)),
  })
}

/** Retrieval and everything else a task needs is loaded when there is one. */
async function taskInput(session: Session, tasks: readonly string[], progress: (text: string) => void) {
  if (tasks.length === 0) return { tasks: [] }
  const { lockedTasks, taskScopes } = await import('./locked-tasks.ts')
  return {
    tasks: lockedTasks(session, session.root, tasks),
    taskScopes: await taskScopes(session, tasks, progress),
  }
}
