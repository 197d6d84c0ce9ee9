import { findWorkspaceRoot } from '../workspace/workspace-root.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'

/** The workspace a command works on. */
export function workspaceOf({ workspace }: Pick<CommandContext<GlobalOptions>, 'workspace'>): string {
  return findWorkspaceRoot(workspace, process.cwd())
}
