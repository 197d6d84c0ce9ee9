import { spawn } from 'node:child_process'

import { Client } from '@modelcontextprotocol/client'
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { onTestFinished } from 'vitest'

import { Json, MAIN } from './ctxlock.ts'

/** A bound against hangs, in milliseconds; a busy machine takes long to start a process. */
const PATIENCE = 240_000

export interface ToolAnswer {
  readonly isError: boolean
  /** The structured content, or for an error the object in its text. */
  readonly value: Json
}

/** The official client, connected to `ctxlock mcp` in a process of its own. */
export async function connectClient(workspace: string, args: readonly string[] = []) {
  const client = new Client({ name: 'test', version: '0' })
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [MAIN, 'mcp', ...args],
    cwd: workspace,
    // The client hands on little by itself; without this the server would sign with another key than the test.
    env: { ...getDefaultEnvironment(), XDG_CONFIG_HOME: process.env['XDG_CONFIG_HOME'] ?? '' },
    stderr: 'ignore',
  })
  await client.connect(transport, { timeout: PATIENCE })
  onTestFinished(() => client.close())
  return {
    client,
    async call(name: string, input: Record<string, unknown> = {}, signal?: AbortSignal): Promise<ToolAnswer> {
      const answer = await client.callTool({ name, arguments: input }, { timeout: PATIENCE, ...(signal && { signal }) })
      const [first] = answer.content
      const text = first?.type === 'text' ? first.text : ''
      return { isError: answer.isError === true, value: new Json(answer.structuredContent ?? parsed(text)) }
    },
  }
}

/** The SDK words its own refusals of arguments as plain text. */
function parsed(text: string): unknown {
  return text.startsWith('{') ? JSON.parse(text) : { text }
}

/** The server as a bare process, for what no well-behaved client sends. */
export function spawnServer(workspace: string) {
  const child = spawn(process.execPath, [MAIN, 'mcp'], { cwd: workspace, stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
  const exit = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  return {
    child,
    exit,
    send: (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
    stdout: () => stdout,
    stderr: () => stderr,
  }
}

/** The request that opens a connection. */
export const INITIALIZE = {
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '0' } },
}
