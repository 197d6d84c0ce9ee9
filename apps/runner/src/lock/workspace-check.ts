import { createRedactor } from '@ctxlock/ace-validators/redactor'
import {
  assertLockableRules,
  checkLockfile,
  describeBuilder,
  PackError,
  type LockfileCheck,
} from '@ctxlock/context-pack'
import type { LockedGuard, LockedTask, Lockfile } from '@ctxlock/contracts/lockfile'
import type { Redactor, SourceReader } from '@ctxlock/contracts/ports'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

import { CommandError } from '../command-error.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { rolePackOf, type PackSession } from '../governed-call/packs/build-packs.ts'
import { packBuilding } from '../packs/pack-building.ts'
import type { Observer } from '../remembered/observation.ts'
import { rulePlaces } from '../session/rule-places.ts'
import { loadRules } from '../session/rule-set.ts'
import { loadConfig } from '../workspace/config-file.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { discardingStore } from './discarding-store.ts'
import { surveySources } from './source-survey.ts'
import { lockedTaskPaths } from './task-names.ts'

/**
 * Compares a lockfile with the workspace by content: every source is read and hashed, no pack is built. Throws `TASK_MISSING` and
 * `TASK_INVALID` where nothing differs but a task file that the config names.
 */
export async function checkWorkspace(
  root: string,
  lockfile: Lockfile,
  progress: (text: string) => void,
  observer?: Observer,
): Promise<LockfileCheck> {
  const { config } = loadConfig(root)
  const workspaceReader = createWorkspaceReader(root)
  const reader = observer?.reader(workspaceReader) ?? workspaceReader
  const redactor = createRedactor()
  progress('hashing sources')
  const survey = await surveySources(root, config)
  observer?.surveyed(config, survey)
  const { files, sources, excluded } = survey
  // Not before the survey: it changes flags of V8, after which a thread takes twice as long to start.
  const { configuredExtractors } = await import('../packs/extractors.ts')
  const extractors = await configuredExtractors(root, config.plugins, nodeEnvironment)
  const guards = await configuredGuards(root, config.plugins)
  const state = { guards, builder: describeBuilder(packBuilding(config, redactor, extractors)), sources, excluded }
  try {
    const session = packSession(root, config, reader, redactor, files)
    assertLockableRules(session.rules, redactor)
    const { tasks, missing } = await presentTasks(session, root, lockfile)
    const check = checkLockfile(lockfile, {
      ...state,
      rolePacks: config.roles.map((role) => rolePackOf(session, role).pack),
      scopedRules: session.rules.rules,
      tasks,
    })
    // Nothing differs, and yet `lock` would refuse.
    if (missing && check.status === 'matches') throw missing
    return check
  } catch (error) {
    // A rule file that is gone or can no longer be a rule file is among the changed sources.
    const bySource = error instanceof PackError ? checkLockfile(lockfile, state) : undefined
    if (bySource?.status === 'changed') return bySource
    throw error
  }
}

/** The guards of plugins as they would be locked now; nothing is loaded when the config names no plugin. */
async function configuredGuards(root: string, names: readonly string[]): Promise<LockedGuard[]> {
  if (names.length === 0) return []
  const { loadPlugins } = await import('../providers/plugins.ts')
  const { pluginGuards } = await import('../session/session-guards.ts')
  const guards = await pluginGuards(root, await loadPlugins(root, names, new Set()), nodeEnvironment)
  return guards.map(({ locked }) => locked)
}

/** What building role and work-unit packs needs. */
function packSession(
  root: string,
  config: ResolvedConfig,
  reader: SourceReader,
  redactor: Redactor,
  paths: readonly string[],
): PackSession {
  // A named profile always exists: the config was checked when it was loaded.
  const profile = config.profiles.find(({ profile_id }) => profile_id === config.activeProfile)
  return {
    config,
    redactor,
    rules: loadRules(
      reader,
      config.rules,
      rulePlaces(root, config, reader, () => paths),
    ),
    counter: codePointsPerFour,
    environment: nodeEnvironment,
    artifacts: discardingStore,
    automationLevel: config.policy.automationLevel ?? profile?.governance.automation_level ?? 'FULL_HUMAN',
  }
}

const GONE: ReadonlySet<string> = new Set(['TASK_MISSING', 'TASK_INVALID'])

interface PresentTasks {
  readonly tasks: readonly LockedTask[]
  /** Why a task file that the config names can be neither locked nor compared. */
  readonly missing: CommandError | undefined
}

/**
 * The tasks that are locked and those that the config names: it need not be a source. A task file that is gone or no longer valid counts as a
 * removed task, not as a broken command line; where it was not locked either, `missing` says so.
 */
async function presentTasks(session: PackSession, root: string, lockfile: Lockfile): Promise<PresentTasks> {
  const locked = new Set(lockedTaskPaths(lockfile.tasks))
  const paths = new Set([...session.config.tasks, ...locked])
  if (paths.size === 0) return { tasks: [], missing: undefined }
  const { lockedTasks } = await import('./locked-tasks.ts')
  let missing: CommandError | undefined
  const tasks = [...paths].flatMap((path) => {
    try {
      return lockedTasks(session, root, [path])
    } catch (error) {
      if (!(error instanceof CommandError && GONE.has(error.code))) throw error
      if (!locked.has(path)) missing ??= error
      return []
    }
  })
  return { tasks, missing }
}
