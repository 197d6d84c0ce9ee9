import { spawn } from 'node:child_process'

import type { CommandFailure } from '@ctxlock/contracts/edits'

import { boundedOutput } from './bounded-output.ts'
import { COMMAND_MARK, killTree, treeUse } from './process-tree.ts'
import type { Wrapped } from './sandbox/sandbox.ts'

export interface CommandLimits {
  readonly timeoutMs: number
  /** Of all processes together, in bytes. */
  readonly memoryBytes: number
}

export interface CommandRun {
  readonly exitCode: number | null
  readonly failure?: CommandFailure
  readonly durationMs: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** Bytes it wrote. */
  readonly outputBytes: number
  /** False when some of them were not kept. */
  readonly isWhole: boolean
}

const KEPT_BYTES = 512 * 1024
export const MAX_OUTPUT_BYTES = 32 * 1024 * 1024
const MAX_PROCESSES = 512
const WATCH_MS = 250
/** Programs reserve more than they use, Node half a gibibyte; the watch over what they use is the real limit. */
const RESERVED_BYTES = 1024 * 1024 * 1024
/** Of one file, in blocks of 512 bytes: 1 GiB. */
const FILE_BLOCKS = 2 * 1024 * 1024

/**
 * Sets the limits of the kernel, says so on descriptor 3, and becomes the command. Its arguments are handed on as they are: nothing of
 * a command is read as shell text.
 */
const LAUNCHER = 'ulimit -c 0; ulimit -d "$1"; ulimit -f "$2"; shift 2; echo started >&3; exec 3>&-; exec "$@"'

/** A command with its limits, to be put into a sandbox. */
export function limited(
  executable: string,
  args: readonly string[],
  { memoryBytes }: CommandLimits,
): [string, ...string[]] {
  const limits = [String(Math.ceil((memoryBytes + RESERVED_BYTES) / 1024)), String(FILE_BLOCKS)]
  return ['/bin/sh', '-c', LAUNCHER, 'sh', ...limits, executable, ...args]
}

export interface CommandOptions {
  readonly cwd: string
  readonly environment: Readonly<Record<string, string>>
  readonly limits: CommandLimits
  /** By it its processes are known, wherever they went: unique. */
  readonly mark: string
}

/** Runs a wrapped command to its end, or to the end of a limit; then nothing of its process tree is left (MT-040). */
export function runCommand(
  { file, args }: Wrapped,
  { cwd, environment, limits, mark }: CommandOptions,
  signal: AbortSignal,
): Promise<CommandRun> {
  const began = performance.now()
  const stdout = boundedOutput(KEPT_BYTES, KEPT_BYTES)
  const stderr = boundedOutput(KEPT_BYTES, KEPT_BYTES)
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...environment, [COMMAND_MARK]: mark },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      // A process group of its own.
      detached: true,
    })
    let failure: CommandFailure | undefined
    let hasStarted = false
    const stop = (reason: CommandFailure) => {
      failure ??= reason
      if (child.pid !== undefined) killTree(child.pid, mark)
    }
    const timeout = setTimeout(() => stop('timeout'), limits.timeoutMs)
    const watch = setInterval(() => {
      if (child.pid === undefined) return
      const { memory, processes } = treeUse(child.pid, mark)
      if (memory > limits.memoryBytes || processes > MAX_PROCESSES) stop('memory_limit')
    }, WATCH_MS)
    const cancel = () => stop('cancelled')
    signal.addEventListener('abort', cancel, { once: true })

    const collect = (output: typeof stdout) => (chunk: Buffer) => {
      output.add(chunk)
      if (stdout.size + stderr.size > MAX_OUTPUT_BYTES) stop('output_limit')
    }
    child.stdout?.on('data', collect(stdout))
    child.stderr?.on('data', collect(stderr))
    child.stdio[3]?.on('data', () => (hasStarted = true))

    const finish = (exitCode: number | null) => {
      clearTimeout(timeout)
      clearInterval(watch)
      signal.removeEventListener('abort', cancel)
      const reason = failure ?? (hasStarted ? undefined : 'not_started')
      resolve({
        exitCode: reason === undefined ? exitCode : null,
        ...(reason !== undefined && { failure: reason }),
        durationMs: Math.round(performance.now() - began),
        stdout: stdout.bytes(),
        stderr: stderr.bytes(),
        outputBytes: stdout.size + stderr.size,
        isWhole: stdout.isWhole && stderr.isWhole,
      })
    }
    child.on('error', () => finish(null))
    // A daemon that outlives the command may hold its output open: it ends here, and then the streams do.
    child.on('exit', () => child.pid !== undefined && killTree(child.pid, mark))
    child.on('close', finish)
  })
}
