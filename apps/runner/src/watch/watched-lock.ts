import { lock } from '../commands/lock.ts'
import { isLockNeeded } from '../lock/lock-needed.ts'
import { watchedCommand } from './watched-command.ts'

/** `ctxlock lock`, which with `--watch` builds again only what a check finds changed. */
export const watchedLock: typeof lock = watchedCommand(lock, isLockNeeded)
