import { asCommandError } from '../failure/failure.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { readLockfile } from './lockfile-file.ts'
import { checkWorkspace } from './workspace-check.ts'

/** False when the lockfile is there and says what the workspace is: building it again would change nothing. */
export async function isLockNeeded(root: string): Promise<boolean> {
  try {
    return (await checkWorkspace(root, readLockfile(root), () => {})).status !== 'matches'
  } catch (error) {
    // A lockfile that is gone or was merged by hand is one to build anew.
    const { exit, code } = asCommandError(error)
    if (exit === EXIT_CODE.stale || code === 'LOCK_MISSING') return true
    throw error
  }
}
