import { Console } from 'node:console'

import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { serveWorkspace } from '../mcp/serve.ts'

interface McpOptions extends GlobalOptions {
  readonly readOnly?: boolean
}

/** `ctxlock mcp`: serves the workspace to an MCP client over stdin and stdout. */
export async function mcp(_: readonly string[], context: CommandContext<McpOptions>): Promise<number> {
  // Stdout carries the protocol and nothing else: what a plugin prints goes to stderr.
  globalThis.console = new Console(process.stderr)
  await serveWorkspace(workspaceOf(context), { readOnly: context.options.readOnly === true })
  return EXIT_CODE.done
}
