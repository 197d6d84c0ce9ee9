import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const PROGRAM = join(import.meta.dirname, 'player-process.ts')
/** Far longer than anything takes: what is not done by then hangs. */
const HANGS_MS = 60_000

export interface CommandOutcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What a player answers; undefined when its process died or hung. */
export type Answer = { readonly outcomes: readonly CommandOutcome[]; readonly open: readonly string[] } | undefined

export interface Request {
  readonly folder: string
  readonly workspace: string
  readonly commands: readonly (readonly string[])[]
}

/**
 * A process that plays commands of many workspaces, one after the other: starting Node and loading ctxlock takes ten times as long as
 * a command. It is ended, and a new one takes its place, when it leaves a file open, dies or hangs, or when `renew` asks for it.
 */
export interface Player {
  play(request: Request): Promise<Answer>
  renew(): void
  /** Processes so far. */
  readonly processes: number
}

export function openPlayer(env: NodeJS.ProcessEnv): Player {
  let child: ChildProcess | undefined
  let processes = 0

  function renew(): void {
    child?.kill('SIGKILL')
    child = undefined
  }

  function started(): ChildProcess {
    processes += 1
    return spawn(process.execPath, [PROGRAM], { env, stdio: ['pipe', 'pipe', 'ignore'] })
  }

  return {
    renew,
    get processes() {
      return processes
    },
    async play(request) {
      child ??= started()
      const answer = await answerOf(child, request)
      if (answer === undefined || answer.open.length > 0) renew()
      return answer
    },
  }
}

function answerOf(child: ChildProcess, request: Request): Promise<Answer> {
  const { stdin, stdout } = child
  if (!stdin || !stdout) throw new Error('Expected a process with pipes.')
  const lines = createInterface({ input: stdout })
  const hangs = setTimeout(() => child.kill('SIGKILL'), HANGS_MS)
  return new Promise<Answer>((resolve) => {
    lines.once('line', (line) => resolve(JSON.parse(line)))
    child.once('close', () => resolve(undefined))
    stdin.once('error', () => resolve(undefined))
    stdin.write(`${JSON.stringify(request)}\n`)
  }).finally(() => {
    clearTimeout(hangs)
    lines.close()
    child.removeAllListeners('close')
    stdin.removeAllListeners('error')
  })
}
