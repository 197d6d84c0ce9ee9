import type { Lockfile } from '@ctxlock/contracts/lockfile'

import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { isInGit } from '../git/repository.ts'
import { lockWarnings } from '../lock/lock-warnings.ts'
import { lockfileStatesTasks, readLockfile, writeLockfile } from '../lock/lockfile-file.ts'
import { beginSurvey, type BegunSurvey } from '../lock/source-survey.ts'
import { lockedTaskPaths } from '../lock/task-names.ts'
import { notReadOf, printLock, type LockReport } from '../output/lock-report.ts'
import type { Output } from '../output/output.ts'
import { workspaceLines } from '../output/workspace-lines.ts'
import { openCheckMemory } from '../remembered/check-memory.ts'
import { observe, type Observation } from '../remembered/observation.ts'
import { loadConfig } from '../workspace/config-file.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { pathInWorkspace } from '../workspace/path-in-workspace.ts'

interface LockOptions extends GlobalOptions {
  readonly task: readonly string[]
}

/** `ctxlock lock`: states by hash what a model will see, and writes it to `ctxlock.lock`. */
export async function lock(
  _: readonly string[],
  context: CommandContext<LockOptions>,
  openMemory: typeof openCheckMemory = openCheckMemory,
): Promise<number> {
  const { output, options } = context
  const root = workspaceOf(context)
  const here = process.cwd()
  const named = options.task.map((path) => pathInWorkspace(root, here, path, '--task'))
  const memory = openMemory(root, process.env)
  const observed = memory && observe(root, memory)
  const { config } = loadConfig(root)
  // Another thread hashes while the rest of the command is loaded and the state is opened.
  const survey = beginSurvey(root, config)
  try {
    return await lockSurveyed({
      root,
      config,
      survey,
      named,
      output,
      observed,
      workspace: workspaceLines(root, context.workspace),
    })
  } finally {
    await survey.close()
  }
}

interface BegunLock {
  readonly root: string
  readonly config: ResolvedConfig
  readonly survey: BegunSurvey
  /** Task files of the command line. */
  readonly named: readonly string[]
  readonly output: Output
  readonly observed: Observation | undefined
  readonly workspace: readonly string[]
}

async function lockSurveyed({ root, config, survey, named, output, observed, workspace }: BegunLock): Promise<number> {
  const { openSession } = await import('../session/session.ts')
  const { recordedRun } = await import('../run/recorded-run.ts')
  const { lockWorkspace } = await import('../lock/lock-workspace.ts')
  const session = await openSession({
    root,
    variables: process.env,
    override: () => config,
    listing: survey.listing,
    ...(observed && { ruleReader: observed.reader }),
  })
  try {
    let print = () => {}
    const exit = await recordedRun(session, 'lock', async (ids) => {
      const tasks = [...new Set([...session.config.tasks, ...named])].toSorted()
      const dropped = droppedTasks(root, tasks)
      const surveyed = await survey.finish()
      const lockfile = await lockWorkspace(session, ids, tasks, output.progress, surveyed)
      const fileHash = writeLockfile(root, lockfile)
      const report = reportOf(lockfile, dropped)
      const notRead = notReadOf(lockfile)
      const warnings = lockWarnings(root, config, surveyed)
      // What is remembered is said without what is to be looked at again.
      if (observed && notRead.length + warnings.length === 0) {
        const { rememberLock } = await import('../remembered/remember-lock.ts')
        rememberLock(observed, { session, surveyed, lockfile, fileHash, report })
      }
      print = () => printLock(output, report, { notRead, warnings, workspace, isInGit: isInGit(root) })
      return EXIT_CODE.done
    })
    print()
    return exit
  } finally {
    await session.close()
  }
}

function reportOf(lockfile: Lockfile, dropped: readonly string[]): LockReport {
  const { lock_hash, sources, excluded, rules, tasks } = lockfile
  return {
    lock_hash,
    sources: sources.length,
    packed: sources.filter((source) => 'pack' in source).length,
    excluded: excluded.length,
    rules: rules.length,
    tasks: tasks.length,
    dropped_tasks: dropped,
    tokens: sources.reduce((sum, source) => sum + (source.tokens ?? 0), 0),
  }
}

/** Task files the earlier lockfile named and this one does not: a lock depends on the tree and the command alone. */
function droppedTasks(root: string, tasks: readonly string[]): string[] {
  try {
    return lockfileStatesTasks(root)
      ? lockedTaskPaths(readLockfile(root).tasks).filter((path) => !tasks.includes(path))
      : []
  } catch {
    // There is none, or it is damaged: it is about to be replaced.
    return []
  }
}
