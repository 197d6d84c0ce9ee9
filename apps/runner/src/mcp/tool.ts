import type { CallToolResult, McpServer, ToolAnnotations } from '@modelcontextprotocol/server'
import type { z } from 'zod'

import { asCommandError } from '../failure/failure.ts'
import type { Turns } from './turns.ts'

interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string
  readonly description: string
  readonly input: Input
  readonly output: Output
  /** What it may write: nothing, state below `.ctxlock/`, or also `ctxlock.lock`. */
  readonly writes: 'nothing' | 'state' | 'lockfile'
  /** Throws what a command would throw. */
  readonly run: (input: z.output<Input>) => Promise<object>
}

export interface WorkspaceTool extends Omit<ToolDefinition<z.ZodObject, z.ZodObject>, 'run'> {
  /** Checks the input, works, and checks what comes out. */
  readonly call: (argument: unknown) => Promise<Record<string, unknown>>
}

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): WorkspaceTool {
  const { input, output, run, ...rest } = definition
  return { ...rest, input, output, call: async (argument) => output.parse(await run(input.parse(argument))) }
}

/** Adds a tool to a server. What fails is an answer the client can read, never a protocol error or a stack. */
export function registerTool(server: McpServer, turns: Turns, tool: WorkspaceTool): void {
  const { name, description, input, output, writes } = tool
  server.registerTool(
    name,
    { description, inputSchema: input, outputSchema: output, annotations: annotationsOf(writes) },
    (argument, { mcpReq: { signal } }): Promise<CallToolResult> =>
      turns.take(signal, async () => {
        try {
          const value = await tool.call(argument)
          if (writes !== 'nothing') server.sendResourceListChanged()
          return { structuredContent: value, content: [textOf(value)] }
        } catch (error) {
          const { code, message, hint } = asCommandError(error)
          const failure = { code, message, ...(hint !== undefined && { what_to_do: hint }) }
          return { isError: true, content: [textOf(failure)] }
        }
      }),
  )
}

function annotationsOf(writes: WorkspaceTool['writes']): ToolAnnotations {
  return {
    readOnlyHint: writes === 'nothing',
    // The lockfile of before is replaced; git still has it when it was committed.
    destructiveHint: writes === 'lockfile',
    idempotentHint: true,
    openWorldHint: false,
  }
}

function textOf(value: object) {
  return { type: 'text' as const, text: JSON.stringify(value) }
}
