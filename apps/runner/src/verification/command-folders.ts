import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** The folders beside a worktree that its commands run with. */
export interface CommandFolders {
  /** HOME and TMPDIR of a command. */
  readonly home: string
  /** For the sandbox itself. */
  readonly spare: string
  /** Makes both, empty. */
  make(): void
  /** Removes what a command left in them; folders that it left empty serve the next one. */
  clear(): void
}

const MODE = 0o700

/** Where they are; gone with the worktree. */
export function scratchOf(worktree: string): string {
  return `${worktree}.scratch`
}

export function commandFolders(worktree: string): CommandFolders {
  const scratch = scratchOf(worktree)
  const [home, spare] = [join(scratch, 'home'), join(scratch, 'root')]
  const clear = () => {
    if (!isFolder(scratch) || ![home, spare].every((path) => isFolder(path) && readdirSync(path).length === 0))
      rmSync(scratch, { recursive: true, force: true })
  }
  return {
    home,
    spare,
    clear,
    make() {
      clear()
      if (!isFolder(scratch)) for (const path of [scratch, home, spare]) mkdirSync(path, MODE)
    },
  }
}

/** As it was made: a command without a sandbox may have put a link there, or closed it to the next one. */
function isFolder(path: string): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false })
  return status?.isDirectory() === true && (status.mode & 0o777) === MODE
}
