import { check } from '../commands/check.ts'
import { watchedCommand } from './watched-command.ts'

/** `ctxlock check`, also with `--watch`. */
export const watchedCheck = watchedCommand(check)
