import { resolve } from 'node:path'

import type { LockedTask } from '@ctxlock/contracts/lockfile'
import { fileSourceId } from '@ctxlock/contracts/references'

import { readTask, taskSubjects } from '../tasks/task-file.ts'
import { packsOf, type PackSession } from '../governed-call/build-packs.ts'

/** One entry for each micro-task of each task file, by the hash of its work-unit pack. Paths are relative to the workspace. */
export function lockedTasks(session: PackSession, root: string, paths: readonly string[]): LockedTask[] {
  return paths.flatMap((path) => {
    const subjects = taskSubjects(readTask(resolve(root, path)), session.config)
    return subjects.map((subject) => ({
      task: `${path}#${subject.definition.mt_id}`,
      role: subject.role.role_id,
      pack: packsOf(session, subject).workUnitPack.pack.pack_hash,
      source: fileSourceId(path),
    }))
  })
}

/** The task files a lockfile names. */
export function lockedTaskPaths(tasks: readonly LockedTask[]): string[] {
  return [...new Set(tasks.map(({ task }) => task.replace(/#MT-\d{3}$/, '')))]
}
