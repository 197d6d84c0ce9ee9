import { LEAST_FILE_TOKENS, SECTION_TOKENS } from '@ctxlock/micro-task'

import { CommandError } from '../../command-error.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import type { BuildSession } from '../../session/build-session.ts'
import { PREFIX_TOKENS, SUFFIX_TOKENS, TOTAL_TOKENS } from '../budget/budgets.ts'
import type { CallSubject } from '../call-subject.ts'
import type { CalledModel } from '../identify.ts'
import type { BoundCall } from '../packs/bind-packs.ts'
import type { RequestOptions } from '../request-options.ts'
import { pinnedTexts, prefixBlocks, taskText } from './prompt-blocks.ts'

/** Tokens of one call and of its two halves. */
export interface CallBudgets {
  readonly total: number
  readonly prefix: number
  readonly suffix: number
}

/** How a call is divided, and what that costs it. */
export interface DividedCall {
  readonly budgets: CallBudgets
  readonly warnings: readonly string[]
  /** What is pinned leaves no room for files: the call is put on record and not sent (MT-020). */
  readonly overflows: boolean
}

type Packs = Pick<BoundCall, 'rolePack' | 'workUnitPack'>

interface Sized {
  readonly subject: CallSubject
  readonly identified: CalledModel
  readonly bound: Packs
  readonly options: Pick<RequestOptions, 'maxTokens'>
}

/**
 * How a call is divided: an attempt of the executor by the sections of spec 08, within its token budget; rules and definition are never
 * cut, files get what is left. Where the model's entry names its window, room for the answer comes first. Throws `WINDOW_TOO_SMALL`
 * when the window cannot hold the rules.
 */
export function divideCall(
  session: Pick<BuildSession, 'counter'>,
  { subject, identified, bound, options }: Sized,
): DividedCall {
  const { attempt, definition } = subject
  const count = (texts: readonly string[]) => session.counter.count(texts.map((text) => `${text}\n\n`).join(''))
  const prefix = count(prefixBlocks(bound.rolePack, bound.workUnitPack).map(({ content }) => content))
  const pinned = count(pinnedTexts(subject))
  const window = windowOf(identified)
  const wanted = attempt ? definition.token_budget : TOTAL_TOKENS
  const answer = options.maxTokens ?? Math.min(definition.token_budget, Math.floor((window ?? 0) / 4))
  const total = window === undefined ? wanted : Math.min(wanted, window - answer)
  if (window !== undefined && prefix + pinned > window - answer) {
    throw windowTooSmall(identified.model.model_id, window, prefix + pinned + answer)
  }
  if (!attempt) {
    const usual = { total, prefix: Math.min(PREFIX_TOKENS, total), suffix: Math.min(SUFFIX_TOKENS, total - prefix) }
    return { budgets: window === undefined ? USUAL : usual, warnings: [], overflows: false }
  }
  const overflows = total - prefix - pinned < LEAST_FILE_TOKENS
  const held = overflows ? prefix + pinned + LEAST_FILE_TOKENS : total
  return {
    budgets: { total: held, prefix, suffix: held - prefix },
    warnings: [...attempt.cut.map((section) => `section_cut:${section}`), ...definitionWarning(count, subject, bound)],
    overflows,
  }
}

const USUAL: CallBudgets = { total: TOTAL_TOKENS, prefix: PREFIX_TOKENS, suffix: SUFFIX_TOKENS }

/** What is asked, of which files, and how to answer: shown whole, at the cost of the files when it is long (MT-020). */
function definitionWarning(
  count: (texts: readonly string[]) => number,
  { question, attempt }: CallSubject,
  { workUnitPack }: Packs,
): string[] {
  const tokens = count([taskText(workUnitPack), question, attempt?.protocol ?? ''])
  return tokens > SECTION_TOKENS.work_unit_definition ? [`definition_over_budget:${tokens}`] : []
}

function windowOf({ provider, model }: CalledModel): number | undefined {
  return provider.models.find(({ model_id }) => model_id === model.model_id)?.max_context_tokens
}

function windowTooSmall(modelId: string, window: number, needed: number): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'WINDOW_TOO_SMALL',
    message: `the window of ${modelId} holds ${window} tokens; rules, task and answer need about ${needed}, and rules are never cut`,
    hint: 'Use a model with a larger window, or fewer rules for these files.',
  })
}
