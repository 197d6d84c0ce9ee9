import type { FileChange } from '@ctxlock/contracts/edits'
import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import { isRelativePath } from '@ctxlock/contracts/relative-path'

import { refuse, type EditRefused } from './edit-refusal.ts'
import { isFolderOf, isProtectedPath, sameFileKey, unportableName } from './path-rules.ts'

type Target = Pick<FileChange, 'path' | 'kind'>

export interface EditPaths {
  /** The file of the task that one of the names stands for, the first that does. Throws when none may be edited. */
  find(...names: readonly string[]): Target
}

/**
 * The files a micro-task may change (MT-053). A name in an answer has to be one of them letter for letter; what is wrong with any
 * other name is said as closely as possible, because the model will try again.
 */
export function editPaths(
  { modify, create }: Pick<MicroTaskDefinition['files'], 'modify' | 'create'>,
  protectedPaths: ReadonlySet<string> = new Set(),
): EditPaths {
  const targets = new Map<string, Target>()
  const byKey = new Map<string, string>()
  for (const target of [
    ...modify.map((path): Target => ({ path, kind: 'modify' })),
    ...create.map((path): Target => ({ path, kind: 'create' })),
  ]) {
    const key = sameFileKey(target.path)
    const twin = byKey.get(key)
    // Two paths of the task that one file system would hold to be one file: neither can be told from the other.
    targets.set(target.path, target)
    if (twin === undefined) byKey.set(key, target.path)
    else if (twin !== target.path) byKey.set(key, '')
  }
  const collide = (path: string) =>
    byKey.get(sameFileKey(path)) === '' ||
    [...targets.keys()].some((other) => isFolderOf(path, other) || isFolderOf(other, path))
  return {
    find(...names) {
      const target = names.map((name) => targets.get(name)).find((found) => found !== undefined)
      const [name = ''] = names
      if (!target) throw notOfTask(name, byKey.has(sameFileKey(name)), protectedPaths)
      const { path } = target
      checkName(path, protectedPaths)
      if (collide(path)) throw collides(path)
      return target
    },
  }
}

function checkName(path: string, protectedPaths: ReadonlySet<string>): void {
  const problem = isRelativePath(path)
    ? unportableName(path)
    : 'a path that leaves the workspace or is not in its plain form'
  if (problem !== undefined) {
    throw refuse('PATH_INVALID', path, {
      expected: 'a path below the workspace, with forward slashes, in NFC, that every system can hold',
      came: problem,
      next: 'Name a file as the task lists it.',
    })
  }
  if (isProtectedPath(path, protectedPaths)) {
    throw refuse('PATH_PROTECTED', path, {
      expected: 'a file that binds nobody',
      came: 'data of git or of ctxlock, or a file whose rules bind calls',
      next: 'Such files are changed by a person.',
    })
  }
}

function notOfTask(name: string, hasTwin: boolean, protectedPaths: ReadonlySet<string>): EditRefused {
  checkName(name, protectedPaths)
  if (hasTwin) return collides(name)
  return refuse('PATH_OUTSIDE_TASK', name, {
    expected: 'a file the task lists under modify or create',
    came: 'another one',
    next: 'Edit only the files of the task, or answer that it is blocked and name what is needed.',
  })
}

function collides(name: string): EditRefused {
  return refuse('PATH_COLLISION', name, {
    expected: 'a name that is no other on any file system',
    came: 'one that differs from another only in case or in Unicode form, or is a folder of another',
    next: 'Name the file exactly as the task lists it.',
  })
}
