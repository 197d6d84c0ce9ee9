import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'

/**
 * The repository's own config is as hostile as its files: nothing in it may run a program, reach the network or write. What
 * the person has configured for all repositories stays, for it says which folders git may trust (`safe.directory`).
 */
const HARMLESS = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.untrackedCache=false',
  'protocol.allow=never',
  'safe.bareRepository=explicit',
].flatMap((setting) => ['-c', setting])

const MAX_OUTPUT = 64 * 1024 * 1024
const TIMEOUT_MS = 20_000

/**
 * The output of one git command that only reads, or adds objects and moves a ref of ours; undefined when there is no git, no repository or no answer. Whatever
 * comes from files or people goes in through `input`, never among the arguments.
 */
export function runGit(folder: string, args: readonly string[], input = ''): Buffer | undefined {
  const { error, status, stdout } = spawnSync('git', harmlessArguments(folder, args), {
    ...harmlessProcess(),
    input,
    maxBuffer: MAX_OUTPUT,
    timeout: TIMEOUT_MS,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  return error === undefined && status === 0 ? stdout : undefined
}

/**
 * The arguments of git for a command in a folder that is not trusted. A command that compares contents or checks files out runs
 * the filters of that config all the same.
 */
export function harmlessArguments(folder: string, args: readonly string[]): string[] {
  return ['-C', folder, ...HARMLESS, ...args]
}

/** How git is started there. */
export function harmlessProcess() {
  return {
    // Not the workspace: Windows looks for the program in the current folder first.
    cwd: dirname(process.execPath),
    env: environment(),
    windowsHide: true,
  }
}

/** Inside a hook git names its own index and folder; those would be answered for another repository. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('GIT_'))
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
  }
}
