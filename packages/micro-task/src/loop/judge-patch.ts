import type { EditWorktree, FileChange, Refusal, VerificationRunner } from '@ctxlock/contracts/edits'
import { decodeSourceText } from '@ctxlock/contracts/evidence'
import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import type { Judgement, ValidationSummary } from '@ctxlock/contracts/micro-task-iteration'
import type { ValidationResult } from '@ctxlock/contracts/micro-task-run'

import { checkEvidence } from '../completion-evidence.ts'
import { parseCompletionSignal } from '../completion-signal.ts'
import { DIFF_TAG, FILE_TAG } from '../edits/edit-format.ts'
import { isScopeViolation } from '../edits/edit-refusal.ts'
import { showsOtherEditForm } from '../edits/other-edit-form.ts'
import { readEdits, type EditReading } from '../edits/read-edits.ts'
import type { QuotedFileReader } from '../source-text.ts'
import { introducedMarkers } from '../unfinished-markers.ts'
import { brokenSignal } from './broken-signal.ts'
import { failureCategory } from './failure-category.ts'
import type { IterationRequest } from './iteration.ts'

export interface PatchPorts {
  readonly worktree: EditWorktree
  readonly verification: VerificationRunner
  /** Files that bind calls as rules; no answer edits them. */
  readonly protectedPaths: ReadonlySet<string>
  /** Whether the call showed all of a file with this text. */
  readonly isShownWhole: (path: string, text: string) => boolean
  readonly signal: AbortSignal
  /** Told of edits that are not made, before the answer is judged further. */
  onRefused(refusal: Refusal, isScopeViolation: boolean): void
  /** Told of edits before they are written. */
  onTried(changes: readonly FileChange[], repairedHunks: number): void
}

/** Else commands that pass without the edit would complete what was not done. */
const NO_EDIT_READ = `no edit was read: edits stand in <${DIFF_TAG}> or <${FILE_TAG}> blocks, not in a code fence or another form`

/**
 * Judges an answer that edits files: edits are read as data and kept inside the task, evidence and marks are checked before any
 * command runs, and commands only when completion is claimed (MT-035 to MT-037, MT-054). The worktree holds the edits afterwards.
 */
export async function judgePatch(
  ports: PatchPorts,
  readText: (contentHash: string) => string,
  request: IterationRequest,
  answer: { readonly text: string; readonly output: string },
): Promise<Judgement> {
  const { definition } = request
  // Whatever an earlier attempt left is gone: edits are made on what is finished.
  ports.worktree.restore()
  const { reader } = ports.worktree
  const edits = readEdits(answer.text, { files: definition.files, protectedPaths: ports.protectedPaths, reader })
  const signal = parseCompletionSignal(edits.rest, definition.mt_id)
  if (edits.status === 'refused') {
    ports.onRefused(edits.refusal, isScopeViolation(edits.refusal))
    if (isScopeViolation(edits.refusal)) return outOfScope(edits.refusal)
    const outcome =
      signal.kind === 'complete'
        ? ({ kind: 'claimed', validation_passed: false, blocking_checks: 0 } as const)
        : ({ kind: 'malformed_signal' } as const)
    return { outcome, category: 'syntax_error_isolated', summary: sentence(edits.refusal) }
  }
  const broken = brokenSignal(signal)
  if (broken) return broken
  if (signal.kind !== 'complete') {
    return {
      outcome: { kind: 'working' },
      category: 'incomplete_implementation',
      summary:
        edits.status === 'edits'
          ? 'completion was not claimed; what was edited is not kept: give every edit together with the claim'
          : 'the answer holds no edit and claims no completion: give every edit together with the claim',
    }
  }
  if (edits.status === 'no_edits' && showsOtherEditForm(edits.rest)) return falseCompletion(NO_EDIT_READ)
  const changes = edits.status === 'edits' ? edits.changes : []
  const untrue = falseClaim(definition, signal.evidence, changes, overlay(changes, definition, reader))
  if (untrue !== undefined) return falseCompletion(untrue)
  if (edits.status === 'edits') ports.onTried(changes, edits.repairedHunks)
  const refusal = ports.worktree.write(changes)
  if (refusal) ports.onRefused(refusal, refusal.code !== 'BASE_CHANGED')
  if (refusal) return refusal.code === 'BASE_CHANGED' ? falseCompletion(sentence(refusal)) : outOfScope(refusal)
  const unseen = edits.status === 'edits' ? rewrittenUnseen(ports, edits) : undefined
  if (unseen) ports.onRefused(unseen, false)
  if (unseen) return falseCompletion(sentence(unseen))
  return validate(ports, readText, request, answer.output)
}

/** What a model was not shown of a file would be gone, were the file written as a whole. */
function rewrittenUnseen(
  { isShownWhole }: PatchPorts,
  { changes, rewritten }: Extract<EditReading, { status: 'edits' }>,
): Refusal | undefined {
  const unseen = changes.find(({ path, before = '' }) => rewritten.includes(path) && !isShownWhole(path, before))
  return (
    unseen && {
      code: 'FILE_NOT_SHOWN',
      subject: unseen.path,
      expected: 'a diff, because only a part of the file was shown',
      came: 'a file written as a whole',
      next: 'Change it with a diff of the lines that are shown.',
    }
  )
}

/** The files as the edits leave them. */
function overlay(
  changes: readonly FileChange[],
  { files }: MicroTaskDefinition,
  reader: EditWorktree['reader'],
): QuotedFileReader {
  const changed = new Map(changes.map(({ path, after }) => [path, after]))
  const ofTask = new Set([...files.read, ...files.modify, ...files.create])
  return (path) => {
    const allowed = ofTask.has(path)
    const after = changed.get(path)
    if (after !== undefined) return { status: 'read', text: after, allowed }
    const read = reader.read(path)
    const text = read.status === 'read' ? decodeSourceText(read.bytes) : undefined
    return { status: read.status, allowed, ...(text !== undefined && { text }) }
  }
}

function falseClaim(
  definition: MicroTaskDefinition,
  evidence: Parameters<typeof checkEvidence>[0],
  changes: readonly FileChange[],
  readFile: QuotedFileReader,
): string | undefined {
  const [finding] = checkEvidence(evidence, definition, readFile)
  if (finding) return `the evidence does not hold: ${finding.problem.replaceAll('_', ' ')} for "${finding.criterion}"`
  for (const { path, before, after } of changes) {
    const [mark] = introducedMarkers(before, after)
    if (mark) return `${path}:${mark.line} says ${mark.marker}: unfinished work is not complete`
  }
  return undefined
}

/** Runs the commands of the task: once more with twice the time where one took too long, and never another (spec 08 section 4). */
export async function validate(
  { verification, signal }: PatchPorts,
  readText: (contentHash: string) => string,
  { definition, stepId, previous }: IterationRequest,
  output: string,
): Promise<Judgement> {
  const run = (timeoutFactor: number) => verification.run({ specs: definition.verify, stepId, signal, timeoutFactor })
  let outcome = await run(1)
  if (outcome.status === 'ran' && hasTimedOut(outcome.result, definition)) outcome = await run(2)
  if (outcome.status === 'refused') {
    const [refusal] = outcome.refusals
    return {
      outcome: { kind: 'validation_error' },
      demand: { kind: 'fail_job', code: refusal?.code ?? 'COMMAND_NOT_ALLOWED' },
      summary: refusal ? sentence(refusal) : 'a command was refused',
    }
  }
  const { result } = outcome
  const validation = summaryOf(result, definition)
  if (hasTimedOut(result, definition)) {
    const summary = 'a command took longer than twice its time'
    return { outcome: { kind: 'validation_error' }, validation, category: 'timeout_exceeded', summary }
  }
  const judged = {
    outcome: { kind: 'claimed', validation_passed: validation.passed, blocking_checks: validation.blocking } as const,
    validation,
  }
  if (validation.passed) return judged
  const failed = result.spec_results.filter(({ spec_index }) => validation.blocking_failed.includes(spec_index))
  const passedBefore =
    previous?.blockingFailed !== undefined &&
    validation.blocking_failed.some((index) => previous.blockingFailed?.includes(index) === false)
  const category = failureCategory({
    output: failed.map(({ stdout_ref, stderr_ref }) => [stderr_ref, stdout_ref].map(textOf).join('\n')).join('\n'),
    timedOut: false,
    passedBefore,
    sameFilesPassed: passedBefore && previous?.output === output,
  })
  const [first] = failed
  const ended = first?.error ?? `exit code ${first?.actual_exit_code ?? 'none'}`
  return {
    ...judged,
    category,
    summary: `${validation.blocking_failed.length} checks failed; first: ${first?.command.slice(0, 200) ?? ''} ended with ${ended}`,
  }

  function textOf(ref: { readonly content_hash: string } | undefined): string {
    return ref ? readText(ref.content_hash) : ''
  }
}

/** A command that decides took too long. */
function hasTimedOut({ spec_results }: ValidationResult, { verify }: MicroTaskDefinition): boolean {
  return spec_results.some(({ spec_index, error }) => verify[spec_index]?.blocking === true && error === 'timeout')
}

function summaryOf(result: ValidationResult, { verify }: MicroTaskDefinition): ValidationSummary {
  const isBlocking = (index: number) => verify[index]?.blocking === true
  return {
    passed: result.passed,
    specs_total: result.spec_results.length,
    specs_passed: result.spec_results.filter(({ passed }) => passed).length,
    blocking: verify.filter(({ blocking }) => blocking).length,
    blocking_failed: result.spec_results
      .filter(({ passed, spec_index }) => !passed && isBlocking(spec_index))
      .map(({ spec_index }) => spec_index),
    duration_ms: result.total_duration_ms,
    evidence: result.evidence_artifact_ref,
  }
}

function outOfScope(refusal: Refusal): Judgement {
  return { outcome: { kind: 'scope_violation' }, category: 'scope_violation', summary: sentence(refusal) }
}

function falseCompletion(summary: string): Judgement {
  return {
    outcome: { kind: 'claimed', validation_passed: false, blocking_checks: 0 },
    category: 'incomplete_implementation',
    summary,
  }
}

function sentence({ code, subject, expected, came, next }: Refusal): string {
  const about = subject === undefined ? '' : ` ${subject}`
  return `${code}${about}: expected ${expected}, got ${came}. ${next}`
}
