import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Session } from '../session/session.ts'
import type { BoundCall } from './bind-packs.ts'
import { PREFIX_TOKENS, SUFFIX_TOKENS, TOTAL_TOKENS } from './budgets.ts'
import type { CallOptions } from './call-options.ts'
import { editsFiles, type CallSubject } from './call-subject.ts'
import type { IdentifiedCall } from './identify.ts'
import { pinnedTexts, prefixBlocks } from './prompt-blocks.ts'

/** Tokens of one call and of its two halves. */
export interface CallBudgets {
  readonly total: number
  readonly prefix: number
  readonly suffix: number
}

const USUAL: CallBudgets = { total: TOTAL_TOKENS, prefix: PREFIX_TOKENS, suffix: SUFFIX_TOKENS }

/** An attempt that edits files has to see them: its prompt may be as long as its budget says (spec 08 section 5). */
function usualBudgets(subject: CallSubject): CallBudgets {
  const { token_budget } = subject.definition
  if (!editsFiles(subject) || token_budget <= TOTAL_TOKENS) return USUAL
  return { total: token_budget, prefix: PREFIX_TOKENS, suffix: token_budget - PREFIX_TOKENS }
}

interface Sized {
  readonly subject: CallSubject
  readonly identified: IdentifiedCall
  readonly bound: BoundCall
  readonly options: Pick<CallOptions, 'maxTokens'>
}

/**
 * How a call is divided where the model's entry names its window: room for the answer first, then rules and task, whole, and what
 * is left for evidence (CP-045). Throws `WINDOW_TOO_SMALL` when the window cannot hold the rules: they are never cut.
 */
export function windowBudgets(session: Session, { subject, identified, bound, options }: Sized): CallBudgets {
  const window = windowOf(identified)
  const usual = usualBudgets(subject)
  if (window === undefined) return usual
  const answer = options.maxTokens ?? Math.min(subject.definition.token_budget, Math.floor(window / 4))
  const total = Math.min(usual.total, window - answer)
  const count = (texts: readonly string[]) => session.counter.count(texts.map((text) => `${text}\n\n`).join(''))
  const prefix = count(prefixBlocks(bound.rolePack, bound.workUnitPack).map(({ content }) => content))
  const pinned = count(pinnedTexts(subject))
  if (prefix + pinned > total) throw windowTooSmall(identified.model.model_id, window, prefix + pinned + answer)
  return { total, prefix: Math.min(PREFIX_TOKENS, total), suffix: Math.min(usual.suffix, total - prefix) }
}

function windowOf({ provider, model }: IdentifiedCall): number | undefined {
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
