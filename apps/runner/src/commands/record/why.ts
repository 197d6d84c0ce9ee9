import { existsSync } from 'node:fs'
import { join } from 'node:path'

import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { CALL_ID } from './call-id.ts'

/**
 * `ctxlock why`: for `last` or a call id, what that call included and left out; for anything else, why this path is, or is
 * not, in what a model sees. A file called `last` is asked for as `./last`.
 */
export async function why([name = 'last']: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const root = workspaceOf(context)
  const isCall = name === 'last' || (CALL_ID.test(name) && !existsSync(join(root, name)))
  if (isCall) return (await import('./why-call.ts')).whyCall(root, name, context.output)
  return (await import('./why-path.ts')).whyPath(root, name, context.output)
}
