import { execFile } from 'node:child_process'
import { lstatSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

import { harmlessArguments, harmlessProcess } from '../git/git-command.ts'
import { copyPaths } from './copied-tree.ts'

export type ShallowClone =
  | {
      readonly root: string
      /** Files that are not as the last commit has them; they were laid over the clone. */
      readonly uncommitted: number
    }
  | { readonly skipped: string }

/**
 * A clone of the last commit without history, as a CI machine makes it, with what is not committed laid over it and what a sparse
 * checkout leaves out taken away: the lock is of the tree as it is. What git itself changes in a fresh checkout (line endings,
 * filters) stays, and shows as a difference.
 */
export async function shallowClone(
  root: string,
  folder: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ShallowClone> {
  const git = (cwd: string, ...args: readonly string[]) => runGit(cwd, args, signal)
  try {
    const top = (await git(root, 'rev-parse', '--show-toplevel')).trimEnd()
    const prefix = (await git(root, 'rev-parse', '--show-prefix')).trimEnd()
    await git(folder, 'clone', '--quiet', '--depth=1', '--no-tags', '--template=', pathToFileURL(top).href, 'clone')
    const clone = join(folder, 'clone')
    const tracked = new Set(nulList(await git(top, 'ls-files', '-z')))
    const changed = new Set(nulList(await runGit(top, DIFFERENCES, signal, await withoutItsFilters(top, signal))))
    // First, and by the paths of the clone itself: through a link that was committed, what follows would write elsewhere.
    for (const path of nulList(await git(clone, 'ls-files', '-z'))) {
      if (changed.has(path) || !isFileOrLink(join(top, path)))
        rmSync(join(clone, path), { recursive: true, force: true })
    }
    const laidOver = paths.filter((path) => !tracked.has(prefix + path) || changed.has(prefix + path))
    const removed = [...changed].filter((path) => path.startsWith(prefix) && !isFileOrLink(join(top, path)))
    copyPaths(root, join(clone, prefix), laidOver)
    return { root: join(clone, prefix), uncommitted: laidOver.length + removed.length }
  } catch (error) {
    signal.throwIfAborted()
    return { skipped: reasonOf(error) }
  }
}

const DIFFERENCES = ['diff', '--name-only', '--no-renames', '--ignore-submodules=all', '-z', 'HEAD']

/** Variables by which no filter runs that the repository's own config names; those the person has for all repositories stay. */
async function withoutItsFilters(root: string, signal: AbortSignal): Promise<NodeJS.ProcessEnv> {
  const listed = (await runGit(root, ['config', '--list', '--show-scope', '--name-only', '-z'], signal)).split('\0')
  const drivers = listed.flatMap((key, index) => {
    const [, driver] = /^(filter\..*\.)[^.]+$/s.exec(key) ?? []
    return driver !== undefined && ['local', 'worktree'].includes(listed[index - 1] ?? '') ? [driver] : []
  })
  const settings = [...new Set(drivers)].flatMap((driver) => [
    [`${driver}clean`, ''],
    [`${driver}process`, ''],
    [`${driver}required`, 'false'],
  ])
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(settings.length)],
    ...settings.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ])
}

async function runGit(
  folder: string,
  args: readonly string[],
  signal: AbortSignal,
  variables: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { env, ...options } = harmlessProcess()
  const { stdout } = await promisify(execFile)('git', harmlessArguments(folder, args), {
    ...options,
    signal,
    maxBuffer: 1024 * 1024 * 1024,
    env: { ...env, GIT_ALLOW_PROTOCOL: 'file', GIT_LFS_SKIP_SMUDGE: '1', ...variables },
  })
  return stdout
}

function isFileOrLink(path: string): boolean {
  const entry = lstatSync(path, { throwIfNoEntry: false })
  return entry !== undefined && !entry.isDirectory()
}

function nulList(text: string): string[] {
  return text.split('\0').filter((path) => path !== '')
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  if (text.includes('ENOENT')) return 'git is not installed'
  if (text.includes('not a git repository')) return 'this folder is in no git repository'
  if (/unknown revision|ambiguous argument|does not have any commits|empty repository/.test(text))
    return 'nothing is committed yet'
  const last = text.trimEnd().split('\n').at(-1) ?? ''
  return `git could not make it: ${last.slice(0, 160)}`
}
