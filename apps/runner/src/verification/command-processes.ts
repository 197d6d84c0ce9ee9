import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'

import type { CommandReply, CommandRequest } from './command-worker.ts'
import { killTree } from './process-tree.ts'
import type { CommandOptions, CommandRun } from './run-command.ts'
import type { Wrapped } from './sandbox/sandbox.ts'

// From source the worker is TypeScript, from the published build JavaScript in the same folder.
const WORKER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './command-worker.ts' : './command-worker.js', import.meta.url),
)

/** Where commands run: below a small process of their own, and no longer than this process lives. */
export interface CommandProcesses {
  /** Runs a wrapped command to its end, or to the end of a limit; then nothing of its process tree is left (MT-040). */
  run(wrapped: Wrapped, options: Omit<CommandOptions, 'mark'>, signal: AbortSignal): Promise<CommandRun>
  /** Ends what still runs; afterwards nothing writes to the folder that commands ran in. */
  close(): Promise<void>
}

/** Of a command that nobody saw the end of, because the process that watched over it was killed. */
const UNWATCHED: CommandRun = {
  exitCode: null,
  durationMs: 0,
  stdout: new Uint8Array(),
  stderr: new Uint8Array(),
  outputBytes: 0,
  isWhole: false,
}
/** Of a command that nobody could be started for: no process or descriptor is left, for instance. */
const NOT_STARTED: CommandRun = { ...UNWATCHED, failure: 'not_started' }

/** How long a worker may take to end its commands before it is killed too. */
const CLOSING_MS = 5000

interface Worker {
  readonly child: ChildProcess
  /** What waits for a reply, by the id of its request. */
  readonly waiting: Map<number, (run: CommandRun) => void>
  isLost: boolean
}

export function openCommandProcesses(): CommandProcesses {
  let worker: Worker | undefined
  let requests = 0
  let isClosed = false
  const running = new Set<Promise<CommandRun>>()

  async function run(
    { child, waiting }: Worker,
    wrapped: Wrapped,
    options: Omit<CommandOptions, 'mark'>,
    signal: AbortSignal,
  ): Promise<CommandRun> {
    const id = (requests += 1)
    const mark = randomUUID()
    // Where nothing can be sent the worker has ended or never began, and that is told.
    const send = (request: CommandRequest) => void (child.connected && child.send(request, () => {}))
    const cancel = () => send({ type: 'cancel', id })
    const ended = new Promise<CommandRun>((resolve) => waiting.set(id, resolve))
    keepWaiting(child, true)
    send({ type: 'run', id, wrapped, options: { ...options, mark } })
    signal.addEventListener('abort', cancel, { once: true })
    if (signal.aborted) cancel()
    const result = await ended
    signal.removeEventListener('abort', cancel)
    waiting.delete(id)
    keepWaiting(child, waiting.size > 0)
    if (result === UNWATCHED || result === NOT_STARTED) killTree(undefined, mark)
    return result
  }

  return {
    async run(wrapped, options, signal) {
      // What came too late must not begin in a folder that is being removed.
      if (isClosed) return NOT_STARTED
      if (!worker || worker.isLost || !worker.child.connected) worker = startWorker()
      const one = run(worker, wrapped, options, signal)
      running.add(one)
      try {
        return await one
      } finally {
        running.delete(one)
      }
    },
    async close() {
      isClosed = true
      if (!worker) return
      const { child } = worker
      if (child.connected) child.disconnect()
      const timeout = setTimeout(() => child.kill('SIGKILL'), CLOSING_MS)
      await Promise.all(running)
      clearTimeout(timeout)
    },
  }
}

function startWorker(): Worker {
  const waiting: Worker['waiting'] = new Map()
  const child = fork(WORKER, {
    // It needs nothing of this process's environment, and no command should find it there.
    env: {},
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    // A group of its own: an interrupt at the terminal is for this process alone.
    detached: true,
  })
  const worker: Worker = { child, waiting, isLost: false }
  const lose = (as: CommandRun) => {
    worker.isLost = true
    for (const end of waiting.values()) end(as)
  }
  child.on('message', ({ id, run }: CommandReply) => waiting.get(id)?.(run))
  child.on('error', () => lose(NOT_STARTED))
  // Replies that it sent before it ended come before `close`, which does not come after a disconnect from this side.
  child.on('close', () => lose(UNWATCHED))
  child.on('exit', () => child.connected || lose(UNWATCHED))
  return worker
}

/** Whether this process goes on as long as the worker does. */
function keepWaiting(child: ChildProcess, isWaiting: boolean): void {
  for (const handle of [child, child.channel])
    if (isWaiting) handle?.ref()
    else handle?.unref()
}
