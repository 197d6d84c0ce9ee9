import { type CallInput, type Guard, GuardOutcome, type PlanInput, type TraceInput } from '@ctxlock/contracts/guards'
import type { Clock, Timers } from '@ctxlock/contracts/ports'

import { MANDATORY_GUARDS } from '../guards/mandatory-guards.ts'
import { errorsOf, NOT_APPLICABLE, outcome } from '../guards/outcome.ts'
import { capture } from './capture.ts'

export interface AskOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly timers: Timers
  /** Milliseconds one guard may take (VAL-005). */
  readonly timeoutMs: number
}

export type HookInput =
  | { readonly hook: 'plan'; readonly input: PlanInput }
  | { readonly hook: 'trace'; readonly input: TraceInput }
  | { readonly hook: 'call'; readonly input: CallInput }

export interface Answer {
  readonly guard: string
  readonly outcome: GuardOutcome
  readonly duration_ms: number
}

/**
 * Asks one guard. Whatever goes wrong with the guard itself, an exception, no answer in time, an answer that is none,
 * is `GuardInternalError` and blocks: a guard that could not look has not seen that all is well (VAL-005). The answer of a guard
 * that waits for nothing is there at once.
 */
export function askGuard(guard: Guard, question: HookInput, options: AskOptions): Answer | Promise<Answer> {
  const started = options.clock.monotonic()
  const answered = (given: GuardOutcome): Answer => {
    const duration_ms = Math.max(0, options.clock.monotonic() - started)
    // A guard that held the process cannot be interrupted, but its late answer is not taken.
    const late = duration_ms > options.timeoutMs && given.verdict !== 'fail'
    return { guard: guard.name, outcome: late ? internalError(guard, 'timeout') : given, duration_ms }
  }
  const given = answerOf(guard, question, options)
  return given instanceof Promise ? given.then(answered) : answered(given)
}

function answerOf(guard: Guard, question: HookInput, options: AskOptions): GuardOutcome | Promise<GuardOutcome> {
  try {
    const answer = callHook(guard, question)
    if (answer === undefined) return NOT_APPLICABLE
    return answer instanceof Promise ? answerInTime(guard, answer, options) : checked(guard, answer)
  } catch (problem) {
    return failed(guard, problem)
  }
}

async function answerInTime(guard: Guard, answer: Promise<GuardOutcome>, options: AskOptions): Promise<GuardOutcome> {
  try {
    const settled = await withinTime(answer, options)
    return settled === TIMED_OUT ? internalError(guard, 'timeout') : checked(guard, settled)
  } catch (problem) {
    return failed(guard, problem)
  }
}

/** The name of the exception and nothing else: its message may hold what the guard was reading. */
function failed(guard: Guard, problem: unknown): GuardOutcome {
  const name = problem instanceof Error && /^[A-Za-z]{1,64}$/.test(problem.name) ? problem.name : 'unknown'
  return internalError(guard, 'exception', name)
}

function callHook(guard: Guard, { hook, input }: HookInput): GuardOutcome | Promise<GuardOutcome> | undefined {
  if (hook === 'plan') return guard.validatePlan?.(input)
  if (hook === 'trace') return guard.validateTrace?.(input)
  return guard.validateCall?.(input)
}

const TIMED_OUT = Symbol('timed out')

async function withinTime<T>(answer: Promise<T>, { timers, timeoutMs }: AskOptions): Promise<T | typeof TIMED_OUT> {
  const { promise, resolve } = Promise.withResolvers<typeof TIMED_OUT>()
  const cancel = timers.after(timeoutMs, () => resolve(TIMED_OUT))
  try {
    return await Promise.race([answer, promise])
  } finally {
    cancel()
  }
}

/** Answers of extra guards are data from somebody else's code; a `pass` with errors is no pass (VAL-005). */
function checked(guard: Guard, answer: GuardOutcome): GuardOutcome {
  if (MANDATORY_GUARDS.includes(guard)) return answer
  const parsed = GuardOutcome.safeParse(capture(answer))
  if (!parsed.success) return internalError(guard, 'malformed_answer')
  const { data } = parsed
  if (data.verdict === 'fail' && data.errors.length === 0) return internalError(guard, 'failed_without_error')
  const detected = data.errors.some(({ code }) => code === 'PromptInjectionDetected')
  // Poisoning is final, and its event names what was found where.
  if (detected && data.matches.length === 0) return internalError(guard, 'detection_without_match')
  const errors = data.errors.map((error) => ({ ...error, guard: guard.name }))
  // What it says it scanned or waived does not count: that is the word of the twelve only (VAL-012).
  return outcome(errors, { ...data, scanned: [], waived: [] })
}

function internalError(guard: Guard, reason: string, name: string | null = null): GuardOutcome {
  return outcome([errorsOf(guard.name)('GuardInternalError', { reason, exception: name })])
}
