import type { CommandContext, GlobalOptions } from './command-context.ts'
import { findWorkspaceRoot } from '../workspace/workspace-root.ts'

/** The workspace a command works on; npm changes the folder, and says in INIT_CWD where the person stands. */
export function workspaceOf({ workspace }: Pick<CommandContext<GlobalOptions>, 'workspace'>): string {
  return findWorkspaceRoot(workspace, process.env['INIT_CWD'] ?? process.cwd())
}
