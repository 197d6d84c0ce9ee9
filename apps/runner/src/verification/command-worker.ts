// The process that starts commands and watches over them. To start one, the page tables of whoever does it are copied, and its memory is
// then written anew page by page: this process is small. It ends its commands when the process it works for has ended, however that came.
import { runCommand, type CommandOptions, type CommandRun } from './run-command.ts'
import type { Wrapped } from './sandbox/sandbox.ts'

export type CommandRequest =
  | { readonly type: 'run'; readonly id: number; readonly wrapped: Wrapped; readonly options: CommandOptions }
  | { readonly type: 'cancel'; readonly id: number }

export interface CommandReply {
  readonly id: number
  readonly run: CommandRun
}

const running = new Map<number, AbortController>()

process.on('message', (request: CommandRequest) => {
  if (request.type === 'run') void run(request)
  else running.get(request.id)?.abort()
})

process.on('disconnect', () => {
  for (const controller of running.values()) controller.abort()
  process.exit()
})

async function run({ id, wrapped, options }: Extract<CommandRequest, { type: 'run' }>): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  const ended = await runCommand(wrapped, options, controller.signal)
  running.delete(id)
  process.send?.({ id, run: ended } satisfies CommandReply)
}
