import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { serveWorkspace } from '../mcp/serve.ts'
import { takeStdout } from '../mcp/take-stdout.ts'

interface McpOptions extends GlobalOptions {
  readonly readOnly?: boolean
}

/** `ctxlock mcp`: serves the workspace to an MCP client over stdin and stdout. */
export async function mcp(_: readonly string[], context: CommandContext<McpOptions>): Promise<number> {
  const readOnly = context.options.readOnly === true
  await serveWorkspace(workspaceOf(context), { readOnly, output: takeStdout() })
  return EXIT_CODE.done
}
