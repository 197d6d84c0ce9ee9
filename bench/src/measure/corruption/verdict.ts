/** How a command ended on a damaged workspace. */
export interface Outcome {
  readonly command: string
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** The lockfile after the command, when there is one. */
  readonly lockfile: string | undefined
}

export interface Truth {
  /** Of the undamaged workspace, whose sources nobody touched. */
  readonly lockfile: string
  /** Path of what was damaged. */
  readonly damaged: string
  readonly root: string
}

export type Verdict = { readonly kind: 'worked' | 'refused' } | { readonly kind: 'wrong'; readonly reason: string }

const STACK = /^\s+at .+:\d+:\d+\)?$/m
const wrong = (reason: string): Verdict => ({ kind: 'wrong', reason })

/** Right is what is true of the undamaged workspace; anything else must be refused, by a code and with a sentence. */
export function judge(outcome: Outcome, truth: Truth): Verdict {
  const { command, status, stdout, stderr } = outcome
  if (status === null) return wrong('it was killed')
  if (STACK.test(stderr) || STACK.test(stdout)) return wrong(`it crashed: ${stderr.slice(0, 300)}`)
  // Code 1 is the machine's; a key or a folder that cannot be used is told by its path.
  if (status === 1 && !stdout.includes('"STATE_UNAVAILABLE"'))
    return wrong(`it failed as if the machine had: ${(stdout + stderr).slice(0, 300)}`)
  if (status !== 0)
    return isNamed(stdout) ? { kind: 'refused' } : wrong(`no reason: ${(stdout + stderr).slice(0, 200)}`)
  // A lockfile that was replaced whole is right again; one that `check` accepts must say what the right one says.
  const claims = command === 'check' || command === 'lock'
  if (claims && outcome.lockfile !== truth.lockfile) return wrong(`${command} accepts another lockfile`)
  return { kind: 'worked' }
}

/** A refusal says what is wrong in one JSON object: an error with a code, or a report with its findings. */
function isNamed(stdout: string): boolean {
  try {
    const value: unknown = JSON.parse(stdout)
    return typeof value === 'object' && value !== null && Object.keys(value).length > 1
  } catch {
    return false
  }
}
