import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { PlannedFile } from './apply-plan.ts'

export type BlockedFile = Extract<PlannedFile, { readonly reason: string }>

export function blockedFile(plan: readonly PlannedFile[]): BlockedFile | undefined {
  return plan.find((planned): planned is BlockedFile => 'reason' in planned)
}

/** Why a patch is not applied as long as one file is not what it was made on. */
export function blockedBy({ file: { path }, standing, reason }: BlockedFile, undone: boolean): CommandError {
  const state = undone ? 'What an interrupted apply had replaced was put back.' : 'Nothing was changed.'
  return standing === 'changed'
    ? new CommandError({
        exit: EXIT_CODE.stale,
        code: 'TREE_CHANGED',
        message: `${path} is not what the run worked on: ${reason}`,
        hint: `${state} Put it back as it was, or run the task again on what is there now.`,
      })
    : new CommandError({
        exit: EXIT_CODE.refused,
        code: 'PATH_NOT_PLAIN',
        message: `${path} is not written: ${reason}`,
        hint: `${state} Make it a plain file in plain folders of the workspace.`,
      })
}

export function stoppedAt(path: string, reason: string, cause: unknown): CommandError {
  return new CommandError(
    {
      exit: EXIT_CODE.refused,
      code: 'APPLY_STOPPED',
      message: `${path} was not replaced: ${reason}`,
      hint: 'Every file was put back as it was. Mend the cause and apply again.',
    },
    { cause },
  )
}

export function runNotEnded(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'RUN_UNFINISHED',
    message: `the run ${runId} has not ended well, so its edits are not applied`,
    hint: `Go on with it: ctxlock resume ${runId.slice(0, 8)}`,
  })
}

export function runPoisoned(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.poisoned,
    code: 'JOB_POISONED',
    message: `the run ${runId} was ended by an injection pattern; its edits are never applied`,
    hint: 'Start a new run without what ended it.',
  })
}
