import type {
  AceError,
  CallInput,
  Guard,
  GuardRemoval,
  GuardReport,
  InjectionMatch,
  PlanInput,
  ScannedText,
  TraceInput,
  WaivedMatch,
} from '@ctxlock/contracts/guards'
import { canonicalHash, type JsonValue } from '@ctxlock/core-hash'

import { MANDATORY_GUARDS } from '../guards/mandatory-guards.ts'
import { scannerFor } from '../guards/profile-scanner.ts'
import { ValidatorError } from '../validator-error.ts'
import { askGuard, type Answer, type AskOptions, type HookInput } from './ask-guard.ts'
import { captureInput } from './capture.ts'
import { foreignGuard } from './foreign-guard.ts'
import { effectOf, JOB_EFFECTS, type JobEffect, violationOf, type ViolationType } from './job-effects.ts'

export interface PipelineResult {
  /** The strongest of what the guards found: poison over block over fail over degrade over pass. */
  readonly decision: 'pass' | 'degrade' | 'fail' | 'block' | 'poison'
  /** True when the next step may be taken with exactly this input: no error, and nothing left to remove. */
  readonly proceed: boolean
  /** The first error in guard order, the one that is reported (VAL-004). */
  readonly error: AceError | null
  readonly errors: readonly AceError[]
  /** All that is to happen to the job, strongest first. */
  readonly effects: readonly JobEffect[]
  /** Security events to be recorded, each once (REC-019). */
  readonly violations: readonly ViolationType[]
  readonly warnings: readonly string[]
  /** To be taken out by the caller, who then runs the hook again (VAL-007); for promotions, not to be made. */
  readonly removals: readonly GuardRemoval[]
  /** What was scanned; assembly compares it with what it renders (VAL-012). */
  readonly scanned: readonly ScannedText[]
  readonly matches: readonly InjectionMatch[]
  /** `matches` by the guard that found them; an event about them names that guard. */
  readonly detections: readonly Detection[]
  /** Matches that a waiver holds harmless; the caller records them. */
  readonly waived: readonly WaivedMatch[]
  readonly report: GuardReport
}

export interface Detection {
  readonly guard: string
  readonly matches: readonly InjectionMatch[]
}

/** The three hooks. A refusal is an answer; `INPUT_NOT_PLAIN` is thrown. */
export interface Pipeline {
  readonly guardNames: readonly string[]
  plan(input: PlanInput): Promise<PipelineResult>
  trace(input: TraceInput): Promise<PipelineResult>
  call(input: CallInput): Promise<PipelineResult>
}

export interface PipelineOptions extends Omit<AskOptions, 'timeoutMs'> {
  /** Milliseconds one guard may take; default 5000 (VAL-005). */
  readonly timeoutMs?: number
  /** Hash of the code of guards that are not built in, by name; part of the guard-set hash beside name and version. */
  readonly codeHashes?: ReadonlyMap<string, string>
}

/**
 * The guards of one process. `guards` must hold the twelve mandatory ones, as `MANDATORY_GUARDS` gives them; others run
 * after them and can add findings, never take one away. There is no way to switch one off (VAL-001, VAL-003, VAL-008).
 * Throws `GUARD_MISSING`.
 */
export function createPipeline(
  guards: readonly Guard[],
  { timeoutMs = 5000, codeHashes, ...options }: PipelineOptions,
): Pipeline {
  const missing = MANDATORY_GUARDS.filter((guard) => !guards.includes(guard)).map(({ name }) => name)
  // A copy: whoever holds the list cannot shorten it afterwards, and the order is ours.
  const foreign = guards.filter((guard) => !MANDATORY_GUARDS.includes(guard))
  const ordered = [...MANDATORY_GUARDS, ...foreign.map(foreignGuard)]
  const repeated = ordered.map(({ name }) => name).filter((name, index, names) => names.indexOf(name) !== index)
  if (missing.length > 0 || repeated.length > 0) {
    throw new ValidatorError(
      'GUARD_MISSING',
      `A pipeline needs the guards of MANDATORY_GUARDS and each name once; missing: ${missing.join(', ') || 'none'}; twice: ${repeated.join(', ') || 'none'}.`,
    )
  }
  const ask = { ...options, timeoutMs }
  const set: GuardSet = { guards: ordered, hash: guardSetHash(ordered.map((guard) => identityOf(guard, codeHashes))) }

  return {
    guardNames: ordered.map(({ name }) => name),
    plan: async (input) => run(set, { hook: 'plan', input: captureInput(input) }, ask),
    trace: async (input) => run(set, { hook: 'trace', input: captureInput(input) }, ask),
    call: async (input) => run(set, { hook: 'call', input: captureInput(input) }, ask),
  }
}

interface GuardSet {
  readonly guards: readonly Guard[]
  /** The hash of the set with these versions of scanner and redactor (VAL-078). */
  readonly hash: (scanner: string, redactor: string) => string
}

/** Versions do not change while a profile is in force, and patterns are part of them: the last hash is kept. */
function guardSetHash(guards: JsonValue[]): GuardSet['hash'] {
  let last = { scanner: '', redactor: '', hash: '' }
  return (scanner, redactor) => {
    if (last.hash === '' || last.scanner !== scanner || last.redactor !== redactor)
      last = { scanner, redactor, hash: canonicalHash({ guards, scanner, redactor }) }
    return last.hash
  }
}

/** A built-in guard is known by its name; its code changes with the versions of scanner and redactor. */
function identityOf({ name, version }: Guard, codeHashes: PipelineOptions['codeHashes']): JsonValue {
  const code_hash = codeHashes?.get(name)
  if (version === undefined && code_hash === undefined) return name
  return { name, ...(version !== undefined && { version }), ...(code_hash !== undefined && { code_hash }) }
}

async function run(set: GuardSet, question: HookInput, options: AskOptions): Promise<PipelineResult> {
  const answers: Answer[] = []
  for (const guard of set.guards) {
    const asked = askGuard(guard, question, options)
    const answer = asked instanceof Promise ? await asked : asked
    answers.push(answer)
    // VAL-004: everything else is collected; this one ends the job, and nothing more needs to be known.
    if (answer.outcome.errors.some(({ code }) => code === 'PromptInjectionDetected')) break
  }
  return conclude(set, question, answers)
}

function conclude(set: GuardSet, question: HookInput, answers: readonly Answer[]): PipelineResult {
  const outcomes = answers.map(({ outcome }) => outcome)
  const errors = outcomes.flatMap((outcome) => outcome.errors)
  const effects = JOB_EFFECTS.filter((effect) => errors.some((error) => effectOf(error) === effect))
  const removals = outcomes.flatMap((outcome) => outcome.removals)
  const detections = answers.flatMap(({ guard, outcome: { matches } }) =>
    matches.length > 0 ? [{ guard, matches }] : [],
  )
  const weakened = outcomes.some(({ verdict }) => verdict === 'degrade' || verdict === 'quarantine')
  return {
    decision: decisionOf(effects, weakened),
    proceed: errors.length === 0 && removals.length === 0,
    error: errors[0] ?? null,
    errors,
    effects,
    violations: [...new Set(errors.flatMap((error) => violationOf(error) ?? []))],
    warnings: [...new Set(outcomes.flatMap((outcome) => outcome.warnings))],
    removals,
    scanned: outcomes.flatMap((outcome) => outcome.scanned),
    matches: detections.flatMap(({ matches }) => matches),
    detections,
    waived: outcomes.flatMap(({ waived = [] }) => waived),
    report: reportOf(set, question, answers, weakened),
  }
}

function decisionOf([strongest]: readonly JobEffect[], weakened: boolean): PipelineResult['decision'] {
  if (strongest === undefined) return weakened ? 'degrade' : 'pass'
  if (strongest === 'job_poisoned') return 'poison'
  return strongest === 'call_blocked' ? 'block' : 'fail'
}

/** VAL-077, VAL-078. */
function reportOf({ hash }: GuardSet, question: HookInput, answers: readonly Answer[], weakened: boolean): GuardReport {
  const { hook, input } = question
  const { job, policy, ports } = input
  return {
    hook,
    guards: answers.map(({ guard, outcome, duration_ms }) => ({
      name: guard,
      verdict: outcome.verdict === 'quarantine' ? 'degrade' : outcome.verdict,
      ...(outcome.errors[0] && { code: outcome.errors[0].code }),
      duration_ms,
    })),
    model_tier: job.current.model_tier,
    determinism_mode: job.determinism_mode,
    degraded: weakened || (hook === 'call' && question.input.snapshot.degraded),
    drift_flags: answers.flatMap(({ outcome }) =>
      outcome.warnings.filter((warning) => warning.startsWith('index_drift:')),
    ),
    guard_set_hash: hash(scannerVersion(policy), ports.redactor.version),
  }
}

/** A profile whose patterns do not compile was refused by the guard already; the report must not fail on it. */
function scannerVersion(policy: PlanInput['policy']): string {
  try {
    return scannerFor(policy).version
  } catch {
    return 'invalid patterns'
  }
}
