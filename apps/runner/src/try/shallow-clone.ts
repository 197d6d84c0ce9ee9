import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

import { copyPaths } from './copied-tree.ts'

export type ShallowClone =
  | {
      readonly root: string
      /** Files that are not as the last commit has them; they were laid over the clone. */
      readonly uncommitted: number
    }
  | { readonly skipped: string }

/**
 * A clone of the last commit without history, as a CI machine makes it, with what is not committed laid over it: the lock is
 * of the tree as it is. What git itself changes in a fresh checkout (line endings, filters) stays, and shows as a difference.
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
    const clone = join(folder, 'clone', prefix)
    mkdirSync(clone, { recursive: true })
    const tracked = new Set(nulList(await git(root, 'ls-files', '-z')))
    const changed = new Set(nulList(await git(root, 'diff', '--name-only', '--no-renames', '--relative', '-z', 'HEAD')))
    const laidOver = paths.filter((path) => !tracked.has(path) || changed.has(path))
    const removed = [...changed].filter((path) => !existsSync(join(root, path)))
    for (const path of removed) rmSync(join(clone, path), { force: true })
    copyPaths(root, clone, laidOver)
    return { root: clone, uncommitted: laidOver.length + removed.length }
  } catch (error) {
    signal.throwIfAborted()
    return { skipped: reasonOf(error) }
  }
}

async function runGit(cwd: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, {
    cwd,
    signal,
    maxBuffer: 1024 * 1024 * 1024,
    env: {
      ...withoutGitVariables(process.env),
      GIT_TERMINAL_PROMPT: '0',
      GIT_LFS_SKIP_SMUDGE: '1',
      GIT_OPTIONAL_LOCKS: '0',
    },
  })
  return stdout
}

/** Inside a git hook they would name another repository. */
function withoutGitVariables(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(variables).filter(
      ([name]) => !/^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE)$/.test(name),
    ),
  )
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
