import type { Writable } from 'node:stream'

import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'

import { RUNNER_VERSION } from '../version.ts'
import { lockTools } from './lock-tools.ts'
import { packTools } from './pack-tools.ts'
import { recorderTools } from './recorder-tools.ts'
import { registerResources } from './resources.ts'
import { registerTool } from './tool.ts'
import { createTurns } from './turns.ts'

export interface ServeOptions {
  /** Leaves out every tool that writes. */
  readonly readOnly: boolean
  /** Where the protocol is written to. */
  readonly output: Writable
}

/**
 * Serves one workspace to an MCP client over stdin and `output` until the client closes them. There is no tool that gives
 * consent, sends anything to a model, or takes another workspace.
 */
export async function serveWorkspace(root: string, { readOnly, output }: ServeOptions): Promise<void> {
  const turns = createTurns()
  const tools = [...lockTools(root), ...packTools(root), ...recorderTools(root)]
  const offered = tools.filter(({ writes }) => !readOnly || writes === 'nothing')
  const transport = new EndingTransport(process.stdin, output)
  const connection = serveStdio(
    () => {
      const server = new McpServer(
        { name: 'ctxlock', version: RUNNER_VERSION },
        { instructions: 'Call lock_check before you rely on what a model was shown; a stale source is named there.' },
      )
      for (const tool of offered) registerTool(server, turns, tool)
      registerResources(server, turns, root)
      return server
    },
    {
      transport,
      onerror: ({ message }) => process.stderr.write(`mcp: ${message.replaceAll(/\s+/g, ' ').slice(0, 200)}\n`),
    },
  )
  await transport.ended.promise
  await turns.idle()
  await connection.close()
}

/** Tells when the connection is over, whichever side ended it. */
class EndingTransport extends StdioServerTransport {
  readonly ended = Promise.withResolvers<void>()

  override async close(): Promise<void> {
    await super.close()
    this.ended.resolve()
  }
}
