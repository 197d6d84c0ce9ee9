import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export interface CommandResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stdoutBytes: Buffer
  readonly stderr: string
}

export interface CommandOptions {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  readonly umask?: string
  /** Largest file the process may write, in blocks of 512 bytes. */
  readonly fileBlocks?: number
  /** Called with the process once it runs; may kill it. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void
}

/** Runs the real command as a process of its own, from source. */
export function ctxlock(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const limits = [
    ...(options.umask === undefined ? [] : [`umask ${options.umask};`]),
    ...(options.fileBlocks === undefined ? [] : [`ulimit -f ${options.fileBlocks};`]),
  ]
  const [command, commandArgs] =
    limits.length === 0
      ? [process.execPath, [MAIN, ...args]]
      : ['sh', ['-c', `${limits.join(' ')} exec "$@"`, 'sh', process.execPath, MAIN, ...args]]
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArgs, {
      cwd: options.cwd,
      env: { ...process.env, NO_COLOR: '1', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const stdoutBytes = Buffer.concat(stdout)
      resolve({
        code,
        signal,
        stdout: stdoutBytes.toString('utf8'),
        stdoutBytes,
        stderr: Buffer.concat(stderr).toString('utf8'),
      })
    })
    options.onStart?.((signal) => child.kill(signal))
  })
}

/** Commands that print what happens before they print the result. */
const STREAMING: ReadonlySet<string> = new Set(['run', 'resume', 'rerun'])

/** Runs a command with `--json` and returns its result: the one object, or the last one behind the events of a `run`. */
export async function ctxlockJson(
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult & { readonly value: Json }> {
  const result = await ctxlock([...args, '--json'], options)
  const lines = result.stdout.trimEnd().split('\n')
  if (lines.length !== 1 && !STREAMING.has(args[0] ?? ''))
    throw new Error(`expected one JSON line, got ${lines.length}: ${result.stdout}${result.stderr}`)
  return { ...result, value: new Json(JSON.parse(lines.at(-1) ?? '')) }
}

/** Reads a path of a parsed JSON value, or fails with the path that is missing. */
export class Json {
  readonly #value: unknown
  constructor(value: unknown) {
    this.#value = value
  }

  get raw(): unknown {
    return this.#value
  }

  at(...path: readonly (string | number)[]): Json {
    let current = this.#value
    for (const key of path) {
      if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) {
        throw new Error(`no ${path.join('.')} in ${JSON.stringify(this.#value).slice(0, 400)}`)
      }
      current = Reflect.get(current, key)
    }
    return new Json(current)
  }

  get text(): string {
    if (typeof this.#value !== 'string') throw new Error(`expected a string, got ${JSON.stringify(this.#value)}`)
    return this.#value
  }

  get items(): readonly Json[] {
    if (!Array.isArray(this.#value)) throw new Error(`expected a list, got ${JSON.stringify(this.#value)}`)
    return this.#value.map((item) => new Json(item))
  }
}
