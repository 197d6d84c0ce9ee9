/** The one table of exit codes; `ctxlock --help` prints it. */
export const EXIT_CODE = {
  done: 0,
  failed: 1,
  usage: 2,
  stale: 3,
  needsPerson: 4,
  provider: 5,
  poisoned: 6,
  verificationFailed: 7,
  refused: 8,
  degraded: 9,
  cancelled: 130,
} as const

export type ExitCode = (typeof EXIT_CODE)[keyof typeof EXIT_CODE]

export const EXIT_CODE_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT_CODE.done, 'done'],
  [EXIT_CODE.failed, 'the machine failed (disk full, read-only folder, a bug); nothing is claimed'],
  [EXIT_CODE.usage, 'the command line, the config or a task file is wrong'],
  [EXIT_CODE.stale, 'a source changed and the policy or the lockfile refuses it'],
  [EXIT_CODE.needsPerson, 'a person has to decide'],
  [EXIT_CODE.provider, 'the provider failed'],
  [EXIT_CODE.poisoned, 'an injection pattern was found; the job is poisoned'],
  [EXIT_CODE.verificationFailed, 'something recorded does not verify, or an answer failed its check'],
  [EXIT_CODE.refused, 'a guard or a rule refused the call'],
  [
    EXIT_CODE.degraded,
    'done, but degraded: a required pack could not be refreshed, or a suspicious source was left out',
  ],
  [EXIT_CODE.cancelled, 'interrupted (Ctrl-C)'],
]
