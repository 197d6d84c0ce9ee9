import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { TrialCopy } from './trial-copy.ts'

// From source the command is TypeScript, from the published build JavaScript in the same folder.
const MAIN = fileURLToPath(
  import.meta.url.endsWith('.ts') ? new URL('../../main.ts', import.meta.url) : new URL('./main.js', import.meta.url),
)

export interface CommandEnd {
  readonly exit: number
  /** The last line of `--json`: the result, or the error. */
  readonly result: unknown
}

/** What is put in front of a command so that it has no network; undefined where this system lets nobody make such a namespace. */
export function withoutNetwork(): readonly string[] | undefined {
  const wrap = ['/usr/bin/unshare', '--user', '--map-root-user', '--net', '--'] as const
  const [file, ...args] = wrap
  // The only interface of a new namespace is the loopback, and that is down: an address in use would be listed here.
  const probe = [...args, '/bin/sh', '-c', '[ "$(grep -c : /proc/net/dev)" -le 1 ] && [ ! -s /proc/net/if_inet6 ]']
  return process.platform === 'linux' && spawnSync(file, probe, { timeout: 10_000 }).status === 0 ? wrap : undefined
}

/** Runs `ctxlock` in a process of its own in a copy, `wrap` in front of it. */
export function runCommand(
  { root, variables }: Pick<TrialCopy, 'root' | 'variables'>,
  args: readonly string[],
  signal: AbortSignal,
  wrap: readonly string[] = [],
): Promise<CommandEnd> {
  const [file, ...rest] = [...wrap, process.execPath, MAIN, ...args, '--workspace', root, '--json']
  return new Promise((resolve, reject) => {
    const child = execFile(file, rest, { cwd: root, env: variables, signal, maxBuffer: 2 ** 26 }, (error, stdout) => {
      if (child.exitCode === null) reject(error ?? new Error('The command was stopped.'))
      else resolve({ exit: child.exitCode, result: JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? 'null') })
    })
  })
}
