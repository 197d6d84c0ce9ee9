import { existsSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, sep } from 'node:path'

import type { Isolation } from '@ctxlock/contracts/edits'

/** One change of what a command sees of the file system, which is otherwise read-only. Later ones lie over earlier ones. */
export interface Mount {
  /** `hide`: an empty folder. `blank`: an empty file. `show`: read-only, in a place that was hidden. `write`: its own. */
  readonly kind: 'hide' | 'blank' | 'show' | 'write'
  readonly path: string
}

/** A program with its arguments, put around a command. */
export interface Wrapped {
  readonly file: string
  readonly args: readonly string[]
}

/** Runs a command without network, in its own process tree, able to write only where it may. */
export interface Sandbox {
  readonly isolation: Isolation
  wrap(command: readonly [string, ...string[]], folders: SandboxFolders): Wrapped
}

export interface SandboxFolders {
  readonly mounts: readonly Mount[]
  /** Where the command runs. */
  readonly cwd: string
  /** An empty folder for the sandbox itself. */
  readonly spare: string
}

export interface SandboxPaths {
  readonly root: string
  readonly stateFolder: string
  readonly worktree: string
  /** HOME and TMPDIR of the commands. */
  readonly scratch: string
  /** Folders that programs are taken from. */
  readonly programs: readonly string[]
}

/** Sockets of agents, daemons and desktops live here; a command could reach the network through them. */
const SHARED_FOLDERS = ['/tmp', '/var/tmp', '/run']
/** Where people keep keys. Reading one would not need the network: its text could come back in an output. */
const SECRETS = [
  '.ssh',
  '.aws',
  '.azure',
  '.gnupg',
  '.kube',
  '.docker',
  '.config',
  '.password-store',
  '.mozilla',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '.git-credentials',
  '.bash_history',
  '.zsh_history',
]

/** What a verification command sees: the machine read-only without sockets, keys and ctxlock's own state; its worktree writable. */
export function verificationMounts({ root, stateFolder, worktree, scratch, programs }: SandboxPaths): Mount[] {
  const shared = SHARED_FOLDERS.filter((path) => existsSync(path))
  const isShared = (path: string) => shared.some((folder) => isInside(folder, path))
  const secrets = SECRETS.map((name) => join(homedir(), name)).filter(
    (path) => existsSync(path) && (!isShared(path) || isInside(root, path)),
  )
  return [
    ...shared.map((path): Mount => ({ kind: 'hide', path })),
    ...programs.filter(isShared).map((path): Mount => ({ kind: 'show', path })),
    ...(isShared(root) ? [{ kind: 'show', path: root } as const] : []),
    ...secrets.map((path): Mount => ({ kind: statSync(path).isDirectory() ? 'hide' : 'blank', path })),
    { kind: 'hide', path: stateFolder },
    { kind: 'write', path: worktree },
    { kind: 'write', path: scratch },
  ]
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder + sep)
}
