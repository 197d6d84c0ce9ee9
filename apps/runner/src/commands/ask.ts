import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

import { CommandError } from '../command-error.ts'
import type { CommandContext } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { questionSubject } from '../run/question-subject.ts'
import type { RequestedOptions } from '../run/requested-options.ts'
import { runSubjects } from '../run/run-subjects.ts'
import { pathInWorkspace } from '../workspace/path-in-workspace.ts'

interface AskOptions extends RequestedOptions {
  readonly file: readonly string[]
}

const MAX_QUESTION_TOKENS = 1000

/** `ctxlock ask`: one governed call over the sources. */
export async function ask([question = '']: readonly string[], context: CommandContext<AskOptions>): Promise<number> {
  checkQuestion(question)
  const root = workspaceOf(context)
  const files = context.options.file.map((path) => pathInWorkspace(root, process.cwd(), path, '--file'))
  return runSubjects('ask', context, ({ config }) => ({ subjects: [questionSubject(question, files, config)] }))
}

function checkQuestion(question: string): void {
  const tokens = codePointsPerFour.count(question)
  if (question.trim() !== '' && question.isWellFormed() && tokens <= MAX_QUESTION_TOKENS) return
  const isEmpty = question.trim() === ''
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'QUESTION_INVALID',
    message: isEmpty
      ? 'the question is empty'
      : `the question must be valid text of at most ${MAX_QUESTION_TOKENS} tokens; got about ${tokens}`,
    hint: isEmpty
      ? 'For example: ctxlock ask "How are sources hashed?"'
      : 'Put longer text into a file of the workspace and name it with --file.',
  })
}
