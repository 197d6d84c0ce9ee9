import { EXIT_CODE } from '../exit-code.ts'
import { lockfileStatesTasks, readLockfile, writeLockfile } from '../lock/lockfile-file.ts'
import { beginSurvey, type BegunSurvey } from '../lock/source-survey.ts'
import { lockedTaskPaths } from '../lock/task-names.ts'
import type { Output } from '../output/output.ts'
import { LOCKFILE } from '../workspace/committed-files.ts'
import { loadConfig } from '../workspace/config-file.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { pathInWorkspace } from '../workspace/path-in-workspace.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { workspaceOf } from './workspace-of.ts'

interface LockOptions extends GlobalOptions {
  readonly task: readonly string[]
}

const UNREADABLE: ReadonlySet<string> = new Set(['unreadable', 'unreadable_directory'])

/** `ctxlock lock`: states by hash what a model will see, and writes it to `ctxlock.lock`. */
export async function lock(_: readonly string[], context: CommandContext<LockOptions>): Promise<number> {
  const { output, options } = context
  const root = workspaceOf(context)
  const here = process.cwd()
  const named = options.task.map((path) => pathInWorkspace(root, here, path, '--task'))
  const { config } = loadConfig(root)
  // Another thread hashes while the rest of the command is loaded and the state is opened.
  const survey = beginSurvey(root, config)
  try {
    return await lockSurveyed(root, config, survey, named, output)
  } finally {
    await survey.close()
  }
}

async function lockSurveyed(
  root: string,
  config: ResolvedConfig,
  survey: BegunSurvey,
  named: readonly string[],
  output: Output,
): Promise<number> {
  const { openSession } = await import('../session/session.ts')
  const { recordedRun } = await import('../run/recorded-run.ts')
  const { lockWorkspace } = await import('../lock/lock-workspace.ts')
  const session = await openSession({ root, variables: process.env, override: () => config })
  try {
    let report = () => {}
    const exit = await recordedRun(session, 'lock', async (ids) => {
      const tasks = [...new Set([...session.config.tasks, ...named])].toSorted()
      const dropped = droppedTasks(root, tasks)
      const lockfile = await lockWorkspace(session, ids, tasks, output.progress, survey)
      writeLockfile(root, lockfile)
      const packed = lockfile.sources.filter((source) => 'pack' in source).length
      const unreadable = lockfile.excluded.filter(({ reason }) => UNREADABLE.has(reason))
      const tokens = lockfile.sources.reduce((sum, source) => sum + (source.tokens ?? 0), 0)
      report = () => {
        output.result({
          ok: true,
          lockfile: LOCKFILE,
          lock_hash: lockfile.lock_hash,
          sources: lockfile.sources.length,
          packed,
          excluded: lockfile.excluded.length,
          rules: lockfile.rules.length,
          tasks: lockfile.tasks.length,
          dropped_tasks: dropped,
          tokens,
        })
        output.line(
          `wrote ${LOCKFILE}: ${lockfile.sources.length} sources (${packed} packed), ${lockfile.excluded.length} left out, ${lockfile.rules.length} rules, ${lockfile.tasks.length} tasks`,
        )
        output.line(`about ${tokens} tokens of source text; lock ${lockfile.lock_hash.slice(0, 12)}`)
        for (const { path } of unreadable) output.line(`left out   ${path}: it is there and cannot be read`)
        for (const path of dropped)
          output.line(`no longer locked: ${path}; name it in \`tasks\` of the config to lock it always`)
        output.line('next       commit it; `ctxlock check` refuses when a source changed')
      }
      return EXIT_CODE.done
    })
    report()
    return exit
  } finally {
    await session.close()
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
