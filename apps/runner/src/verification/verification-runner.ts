import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'

import { mutate } from '@ctxlock/ace-validators/poisoning'
import type {
  CommandRefusalCode,
  Refusal,
  VerificationOutcome,
  VerificationRequest,
  VerificationRunner,
} from '@ctxlock/contracts/edits'
import type { ValidationResult } from '@ctxlock/contracts/micro-task-run'
import type { VerificationSpec } from '@ctxlock/contracts/packs'

import { commandFolders } from './command-folders.ts'
import { judgeCommand, trustedSearchPath, type AllowedCommand } from './command-policy.ts'
import type { CommandProcesses } from './command-processes.ts'
import { limited, type CommandRun } from './run-command.ts'
import { verificationMounts, type Sandbox } from './sandbox/sandbox.ts'
import { verificationRecord, type VerifiedWork } from './verification-record.ts'
import { verdictOf } from './verdict.ts'

export interface VerificationOptions extends VerifiedWork {
  /** The folder of the run's worktree. */
  readonly worktree: string
  /** PATH and HOME of the person. */
  readonly variables: NodeJS.ProcessEnv
  readonly processes: CommandProcesses
  /** What this machine can enforce; undefined where it cannot. */
  readonly sandbox: Sandbox | undefined
  /** The person's `--allow-unsandboxed`: counts only where there is no sandbox, and is recorded. */
  readonly allowUnsandboxed: boolean
}

const LONGEST_TIMEOUT_MS = 300_000
/** Without a sandbox a command is only limited and ended; a person has allowed that. */
const UNSANDBOXED: Sandbox = {
  isolation: 'none',
  wrap: ([file, ...args]) => ({ file, args }),
}

/**
 * Runs verification commands in the worktree of one run: those of the task and no others (MT-054), without a shell, each recorded before
 * it starts (MT-056). They see the machine read-only, without network, keys and secrets of the environment, and nothing they start
 * outlives them.
 */
export function createVerificationRunner(options: VerificationOptions): VerificationRunner {
  const { session, job, worktree, variables, processes, sandbox, allowUnsandboxed } = options
  const policy = {
    allowed: new Set(session.config.execution.commands),
    searchPath: trustedSearchPath(variables['PATH'], session.root),
  }
  const record = verificationRecord(options)
  const folders = commandFolders(worktree)
  const used = sandbox ?? (allowUnsandboxed ? UNSANDBOXED : undefined)
  let isAllowanceRecorded = false

  const judge = (specs: readonly VerificationSpec[]) => {
    const judged = specs.map(({ command }) => judgeCommand(command, policy))
    const refusals = judged.flatMap((one): Refusal<CommandRefusalCode>[] => (one.ok ? [] : [one.refusal]))
    if (!used && specs.length > 0) refusals.push(NO_SANDBOX)
    return { allowed: judged.filter((one) => one.ok), refusals }
  }

  return {
    check: async (specs) => judge(specs).refusals,
    async run(request) {
      const { allowed, refusals } = judge(request.specs)
      if (!used || refusals.length > 0) {
        record.refused(request.stepId, refusals)
        return { status: 'refused', refusals }
      }
      if (used.isolation === 'none' && !isAllowanceRecorded) record.unsandboxed()
      isAllowanceRecorded = true
      return session.nodes.run(job.fence, (ended) => runAll(request, allowed, used, ended))
    },
  }

  async function runAll(
    { specs, stepId, signal, timeoutFactor = 1 }: VerificationRequest,
    commands: readonly AllowedCommand[],
    { isolation, wrap }: Sandbox,
    ended: AbortSignal,
  ): Promise<VerificationOutcome> {
    const began = session.timestamp()
    const results: ValidationResult['spec_results'] = []
    const stop = signal ? AbortSignal.any([signal, ended]) : ended
    for (const [index, spec] of specs.entries()) {
      const command = commands[index]
      if (!command || stop.aborted) break
      const limits = {
        timeoutMs: Math.min(spec.timeout_ms * timeoutFactor, LONGEST_TIMEOUT_MS),
        memoryBytes: session.config.execution.memoryBytes,
      }
      record.planned(stepId, index, spec, isolation, limits)
      const run = await inScratch(command, wrap, limits, stop)
      results.push(record.ended(stepId, index, spec, run, verdictOf(spec, run)))
    }
    const hasPassed = specs.every(({ blocking }, index) => !blocking || results[index]?.passed === true)
    return { status: 'ran', isolation, result: record.result(began, hasPassed, results) }
  }

  /** HOME and TMPDIR are empty for each command, and what it left there is gone after it. */
  async function inScratch(
    { executable, args }: AllowedCommand,
    wrap: Sandbox['wrap'],
    limits: Parameters<typeof limited>[2],
    signal: AbortSignal,
  ): Promise<CommandRun> {
    mutate(session.state.database, job.fence, folders.make)
    const mounts = verificationMounts({
      root: session.root,
      stateFolder: session.state.folder,
      worktree,
      scratch: folders.home,
      programs: [...policy.searchPath, dirname(realpathSync(executable))],
    })
    const environment = commandEnvironment(policy.searchPath, folders.home)
    try {
      const wrapped = wrap(limited(executable, args, limits), { mounts, cwd: worktree, spare: folders.spare })
      return await processes.run(wrapped, { cwd: worktree, environment, limits }, signal)
    } finally {
      folders.clear()
    }
  }
}

/** All that a command gets; nothing of the person's own environment but where programs are (MT-039). */
function commandEnvironment(searchPath: readonly string[], home: string): Record<string, string> {
  return {
    PATH: searchPath.join(':'),
    HOME: home,
    TMPDIR: home,
    LANG: 'C.UTF-8',
    CI: '1',
    NO_COLOR: '1',
    // Whatever asks git: no hook of the repository, nothing of its network.
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'core.hooksPath',
    GIT_CONFIG_VALUE_0: '/dev/null',
    GIT_CONFIG_KEY_1: 'core.fsmonitor',
    GIT_CONFIG_VALUE_1: 'false',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'none',
  }
}

const NO_SANDBOX: Refusal<CommandRefusalCode> = {
  code: 'SANDBOX_UNAVAILABLE',
  expected: 'a sandbox for commands that run what a model wrote: bubblewrap, or user namespaces of Linux',
  came: 'neither works on this machine',
  next: 'Install bubblewrap or allow user namespaces; or accept the risk with --allow-unsandboxed, which is recorded.',
}
