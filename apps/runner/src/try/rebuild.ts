import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { z } from 'zod'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

// From source the sibling is TypeScript, from the published build JavaScript.
const WORKER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './rebuild-worker.ts' : './rebuild-worker.js', import.meta.url),
)

/** What the process that built says about itself, so that a row can show that its variation was in force. */
export const RebuildReport = z.object({ locale: z.string(), timeZone: z.string(), sources: z.int(), packed: z.int() })

export interface Rebuilt extends z.output<typeof RebuildReport> {
  readonly text: string
}

/** Builds the lockfile of a folder in a process of its own. Nothing is written there: its state goes into `scratch`. */
export async function rebuild(
  root: string,
  scratch: string,
  variables: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Rebuilt> {
  const folder = mkdtempSync(join(scratch, 'build-'))
  const lockfile = join(folder, 'ctxlock.lock')
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [WORKER, root, folder, lockfile], {
      cwd: folder,
      signal,
      env: { ...process.env, ...variables },
    })
    return { ...RebuildReport.parse(JSON.parse(stdout)), text: readFileSync(lockfile, 'utf8') }
  } catch (error) {
    signal.throwIfAborted()
    throw buildFailed(error)
  }
}

function buildFailed(error: unknown): CommandError {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  const problem = stderr.split('\n').find((line) => line !== '') ?? (error instanceof Error ? error.message : 'unknown')
  return new CommandError(
    {
      exit: EXIT_CODE.failed,
      code: 'REBUILD_FAILED',
      message: `the lockfile could not be built: ${problem.slice(0, 300)}`,
      hint: 'Run `ctxlock lock` to see the whole message.',
    },
    { cause: error },
  )
}
