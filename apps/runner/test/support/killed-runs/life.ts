import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { MAIN } from '../ctxlock.ts'

const PRELOAD = fileURLToPath(new URL('./killed-process.ts', import.meta.url))
/** Most of what a command takes from its start to its work is reading modules. */
const COMPILED = fileURLToPath(new URL('../../../../../node_modules/.cache/node', import.meta.url))

/** Where a process is killed: at a commit, or so long after its work began. */
export type Kill = { readonly atCommit: number; readonly when: 'before' | 'after' } | { readonly afterMs: number }

export interface Life {
  readonly wasKilled: boolean
  readonly code: number | null
  readonly commits: number
  /** From the first statement to a database to the end of the process. */
  readonly workMs: number
}

/** One real `ctxlock` process, killed where it says, or never. */
export function live(cwd: string, args: readonly string[], kill?: Kill): Promise<Life> {
  const atCommit = kill && 'atCommit' in kill ? kill : undefined
  const child = spawn(process.execPath, ['--import', PRELOAD, MAIN, ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: COMPILED,
      ...(atCommit && { CTXLOCK_TEST_KILL_AT: String(atCommit.atCommit), CTXLOCK_TEST_KILL_WHEN: atCommit.when }),
    },
  })
  let commits = 0
  let began: number | undefined
  let timer: NodeJS.Timeout | undefined
  child.stdio[3]?.on('data', (told: Buffer) => {
    commits += told.filter((byte) => byte === 'c'.charCodeAt(0)).length
    if (began !== undefined) return
    began = performance.now()
    if (kill && 'afterMs' in kill) timer = setTimeout(() => child.kill('SIGKILL'), kill.afterMs)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const now = performance.now()
      resolve({ wasKilled: signal === 'SIGKILL', code, commits, workMs: now - (began ?? now) })
    })
  })
}
