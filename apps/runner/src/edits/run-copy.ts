import { constants, copyFileSync, lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

import { isRelativePath } from '@ctxlock/contracts/relative-path'

import { CommandError } from '../command-error.ts'
import { isOwnPath } from '../environment/own-path.ts'
import { listWorkspace } from '../environment/workspace-listing.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { runGit } from '../git/git-command.ts'
import { stampOf } from './file-stamp.ts'
import { linkModules } from './linked-modules.ts'

const MAX_FILES = 200_000
/** The gate keeps other writers of the state waiting. */
const FILES_PER_GATE = 100

/** Asks the fence of the job around a write (VAL-069). */
export type Gate = <Result>(work: () => Result) => Result

/** Copies of the person's files, and whether somebody changed one since. */
export interface RunCopy {
  /** Makes the folder hold exactly the copies again, but for files at the paths that are `kept`. */
  restore(kept: ReadonlySet<string>): void
}

/**
 * Copies the workspace as it is on disk now, changes that are not committed included, because that is what a lock and a call see:
 * every file that is not ignored, and every file git tracks. Bytes are copied, never checked out: no filter of the repository runs.
 * What is left in `folder` by the caller (`ours`) is no copy and stays. `restore` passes no gate of its own.
 */
export function copyWorkspace(root: string, folder: string, ours: ReadonlySet<string>, gate: Gate): RunCopy {
  const stamps = new Map<string, Stamps>()
  const folders = new Set<string>()
  const copy = (path: string) => {
    for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent)) folders.add(parent)
    copyOne(root, folder, path)
    stamps.set(path, { source: stampOf(join(root, path)), copy: stampOf(join(folder, path)) })
  }
  const paths = pathsOf(root)
  if (paths.length > MAX_FILES) throw tooManyFiles(paths.length)
  for (let first = 0; first < paths.length; first += FILES_PER_GATE)
    gate(() => paths.slice(first, first + FILES_PER_GATE).forEach(copy))
  const packages = paths.filter((path) => posix.basename(path) === 'package.json').map((path) => posix.dirname(path))
  const linked = packages.filter((path) => !folders.has(posix.join(path, 'node_modules')))
  const links = gate(() => linkModules(root, folder, linked))

  return {
    restore(kept) {
      removeOthers('')
      for (const [path, stamp] of stamps) {
        if (kept.has(path) || stampOf(join(folder, path)) === stamp.copy) continue
        // What it was copied from is all that is left of it.
        if (stampOf(join(root, path)) !== stamp.source) throw sourceChanged(path)
        rmSync(join(folder, path), { recursive: true, force: true })
        copy(path)
      }
      links.restore()

      function removeOthers(below: string): void {
        for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
          const path = below === '' ? entry.name : `${below}/${entry.name}`
          if (ours.has(path) || links.paths.has(path) || stamps.has(path) || (kept.has(path) && entry.isFile()))
            continue
          const isKeptFolder = folders.has(path) || [...kept].some((file) => file.startsWith(`${path}/`))
          if (isKeptFolder && entry.isDirectory()) removeOthers(path)
          else rmSync(join(folder, path), { recursive: true, force: true })
        }
      }
    },
  }
}

interface Stamps {
  readonly source: string | undefined
  readonly copy: string | undefined
}

function pathsOf(root: string): string[] {
  const { files, excluded } = listWorkspace(root, { include: [], exclude: [] })
  const links = excluded.filter(({ reason }) => reason === 'symlinked_directory')
  const tracked = runGit(root, ['ls-files', '-z', '--cached'])?.toString('utf8').split('\0') ?? []
  const paths = new Set([...files, ...links].map(({ path }) => path))
  for (const path of tracked) {
    if (isRelativePath(path) && !isOwnPath(path) && isFileOrLink(join(root, path))) paths.add(path)
  }
  return [...paths].sort()
}

function isFileOrLink(path: string): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false })
  return status !== undefined && (status.isFile() || status.isSymbolicLink())
}

/** A link is copied as a link if it names something of the copy: never the person's own files. */
function copyOne(root: string, folder: string, path: string): void {
  const [from, to] = [join(root, path), join(folder, path)]
  mkdirSync(dirname(to), { recursive: true })
  if (!lstatSync(from).isSymbolicLink()) {
    copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    return
  }
  const target = readlinkSync(from)
  const named = posix.normalize(posix.join(posix.dirname(path), target))
  if (!target.startsWith('/') && named !== '..' && !named.startsWith('../')) symlinkSync(target, to)
}

function sourceChanged(path: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.stale,
    code: 'SOURCE_CHANGED',
    message: `${path} changed while the run was working on a copy of it`,
    hint: 'Go on with `ctxlock resume`, which begins with what is there now.',
  })
}

function tooManyFiles(count: number): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'WORKTREE_TOO_LARGE',
    message: `a run that edits works on a copy of the workspace of at most ${MAX_FILES} files; there are ${count}`,
    hint: 'Name what no build needs in .gitignore, or run in a part of the workspace with --workspace.',
  })
}
