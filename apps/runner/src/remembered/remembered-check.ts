import type { Hash } from '@ctxlock/core-hash'

import type { SurveyRules } from '../lock/source-survey.ts'
import type { LockReport } from '../output/lock-report.ts'
import type { RuleRead } from './check-basis.ts'

/** How much a check compared and found as locked. */
export interface CheckedCounts {
  readonly sources: number
  readonly rules: number
  readonly tasks: number
}

/** A check that found nothing changed, and all it rests on: with the same two hashes, another would say the same. */
export interface RememberedCheck {
  readonly sources: SurveyRules
  readonly reads: readonly RuleRead[]
  readonly filesHash: Hash
  readonly surveyHash: Hash
  readonly counts: CheckedCounts
  /** Of a lockfile that was built here and not only checked. */
  readonly lock?: RememberedLock
}

/** A lock that found everything packed: with the same packs in the state, another would say the same. */
export interface RememberedLock {
  /** `storedPacks` right after it. */
  readonly packs: Hash
  readonly report: LockReport
}

/** By hand and not by a schema, whose library takes longer to load than all of this takes. Undefined for anything else. */
export function parseRememberedCheck(text: string): RememberedCheck | undefined {
  const value = objectOf(JSON.parse(text))
  const { sources, reads, filesHash, surveyHash, counts, lock } = value
  const { include, exclude, keep } = objectOf(sources)
  const { classes, paths } = objectOf(keep)
  const count = objectOf(counts)
  return isTexts(include) &&
    isTexts(exclude) &&
    isTexts(classes) &&
    isTexts(paths) &&
    Array.isArray(reads) &&
    reads.every(isRuleRead) &&
    typeof filesHash === 'string' &&
    typeof surveyHash === 'string' &&
    isNumber(count['sources']) &&
    isNumber(count['rules']) &&
    isNumber(count['tasks'])
    ? {
        sources: { include, exclude, keep: { classes, paths } },
        reads,
        filesHash,
        surveyHash,
        counts: { sources: count['sources'], rules: count['rules'], tasks: count['tasks'] },
        ...lockOf(lock),
      }
    : undefined
}

function lockOf(value: unknown): { readonly lock?: RememberedLock } {
  const { packs, report } = objectOf(value)
  const { lock_hash, sources, packed, excluded, rules, tasks, dropped_tasks, tokens } = objectOf(report)
  return typeof packs === 'string' &&
    typeof lock_hash === 'string' &&
    isNumber(sources) &&
    isNumber(packed) &&
    isNumber(excluded) &&
    isNumber(rules) &&
    isNumber(tasks) &&
    isTexts(dropped_tasks) &&
    isNumber(tokens)
    ? { lock: { packs, report: { lock_hash, sources, packed, excluded, rules, tasks, dropped_tasks, tokens } } }
    : {}
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isRuleRead(value: unknown): value is RuleRead {
  const { path, maxBytes } = objectOf(value)
  return typeof path === 'string' && (maxBytes === undefined || typeof maxBytes === 'number')
}
