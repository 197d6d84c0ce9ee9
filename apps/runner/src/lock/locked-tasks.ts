import { isAbsolute, relative, resolve } from 'node:path'

import type { LockedTask } from '@ctxlock/contracts/lockfile'
import { isRelativePath } from '@ctxlock/contracts/primitives'
import { fileSourceId } from '@ctxlock/contracts/references'

import { CommandError } from '../command-error.ts'
import { readTask, taskSubjects } from '../tasks/task-file.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { rolePackOf, workUnitPackOf, type PackSession } from '../governed-call/bind-packs.ts'

/** One entry for each micro-task of each task file, by the hash of its work-unit pack. Paths are relative to the workspace. */
export function lockedTasks(session: PackSession, root: string, paths: readonly string[]): LockedTask[] {
  return paths.flatMap((path) => {
    const subjects = taskSubjects(readTask(resolve(root, path)), session.config)
    return subjects.map((subject): LockedTask => {
      const role = rolePackOf(session, subject.role)
      return {
        task: `${path}#${subject.definition.mt_id}`,
        role: subject.role.role_id,
        pack: workUnitPackOf(session, subject, role.pack).pack.pack_hash,
        source: fileSourceId(path),
      }
    })
  })
}

/** A task file named on the command line as a path of the workspace; a lockfile holds no others. */
export function taskPathInWorkspace(root: string, currentFolder: string, path: string): string {
  const inside = relative(root, resolve(currentFolder, path)).replaceAll('\\', '/').normalize('NFC')
  if (isRelativePath(inside) && !isAbsolute(inside)) return inside
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'TASK_OUTSIDE',
    message: '--task expects a task file inside the workspace',
    hint: 'Move it there, so that everybody who checks the lockfile has it.',
  })
}

/** The task files a lockfile names. */
export function lockedTaskPaths(tasks: readonly LockedTask[]): string[] {
  return [...new Set(tasks.map(({ task }) => task.replace(/#MT-\d{3}$/, '')))]
}
