import { resolve } from 'node:path'

import type { TaskScope } from '@ctxlock/context-pack'
import type { LockedTask } from '@ctxlock/contracts/lockfile'
import { fileSourceId } from '@ctxlock/contracts/references'

import { SUFFIX_TOKENS } from '../governed-call/budget/budgets.ts'
import { planRetrieval, retrieveEvidence } from '../governed-call/context/retrieve-evidence.ts'
import { syncWorkspaceIndex } from '../governed-call/context/workspace-index.ts'
import { packsOf, type PackSession } from '../governed-call/packs/build-packs.ts'
import { openPackShelf } from '../governed-call/packs/pack-shelf.ts'
import type { Session } from '../session/session.ts'
import { planTask, readTask } from '../tasks/task-file.ts'
import { lockedTaskName } from './task-names.ts'

/** One entry for each micro-task of each task file, by the hash of its work-unit pack. Paths are relative to the workspace. */
export function lockedTasks(session: PackSession, root: string, paths: readonly string[]): LockedTask[] {
  return namedSubjects(session, root, paths).map(({ path, name, subject }) => ({
    task: name,
    role: subject.role.role_id,
    pack: packsOf(session, subject).workUnitPack.pack.pack_hash,
    source: fileSourceId(path),
  }))
}

/** What each micro-task may read, and the spans its prompt would hold now. The packs of the sources have to be built. */
export async function taskScopes(
  session: Session,
  paths: readonly string[],
  progress: (text: string) => void,
): Promise<TaskScope[]> {
  const subjects = namedSubjects(session, session.root, paths)
  if (subjects.length > 0) syncWorkspaceIndex(session, progress)
  const scopes: TaskScope[] = []
  for (const { name, subject } of subjects) {
    const { read, modify } = subject.definition.files
    const plan = planRetrieval(session, subject, SUFFIX_TOKENS)
    const found = await retrieveEvidence(session, subject, plan, openPackShelf(session))
    scopes.push({
      role: subject.role.role_id,
      task: name,
      scope: subject.scope,
      named: [...read, ...modify],
      selected: found.snippets.map(({ span, text }) => ({
        source: span.ref.id,
        span: span.selector,
        tokens: session.counter.count(text),
      })),
    })
  }
  return scopes
}

function namedSubjects({ config }: PackSession, root: string, paths: readonly string[]) {
  return paths.flatMap((path) =>
    planTask(readTask(resolve(root, path)), config).subjects.map((subject) => ({
      path,
      name: lockedTaskName(path, subject),
      subject,
    })),
  )
}
