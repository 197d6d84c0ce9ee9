import { Worker } from 'node:worker_threads'

import type { Verification } from '@ctxlock/console/record'

import { nodeEnvironment } from '../../environment/node-environment.ts'
import type { VerificationOptions } from './verification.ts'

// From source the sibling is TypeScript, from the published build JavaScript.
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './verification-worker.ts' : './verification-worker.js',
  import.meta.url,
)

/** The verification that was asked for last, since the console was started; one at a time. */
export interface LastVerification {
  /** Begins one, unless one is under way. */
  begin(): void
  now(): { readonly verification: Verification | null; readonly is_verifying: boolean }
}

export function lastVerification(options: VerificationOptions): LastVerification {
  let verification: Verification | null = null
  let worker: Worker | undefined
  return {
    begin() {
      if (worker) return
      const { clock } = nodeEnvironment
      const started = clock.monotonic()
      const end = (found: Omit<Verification, 'at' | 'seconds'>) => {
        const at = new Date(clock.now()).toISOString()
        verification = { ...found, at, seconds: Math.round((clock.monotonic() - started) / 10) / 100 }
      }
      worker = new Worker(WORKER, { workerData: options })
      // The console may end while it works.
      worker.unref()
      worker.on('message', end)
      worker.on('error', (error) =>
        end({ ...NOTHING_FOUND, problems: [error instanceof Error ? error.message : String(error)] }),
      )
      worker.on('exit', () => {
        worker = undefined
      })
    },
    now: () => ({ verification, is_verifying: worker !== undefined }),
  }
}

const NOTHING_FOUND = {
  verdict: 'failed',
  ranges: [],
  anchors: [],
  runs: 0,
  incomplete_runs: 0,
  objects: null,
} as const
