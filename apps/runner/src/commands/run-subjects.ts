import type { MicroTaskDefinitions } from '@ctxlock/contracts/micro-task'
import { readJob } from '@ctxlock/ace-validators/poisoning'
import { canonicalHash } from '@ctxlock/core-hash'
import { costState } from '@ctxlock/governance'

import type { CallOptions } from '../governed-call/call-options.ts'
import { QUESTION_WP_ID, type CallSubject } from '../governed-call/call-subject.ts'
import { terminalPerson, type Person } from '../consent/person.ts'
import { waitsForConsent } from '../consent/consent-refusal.ts'
import { syncWorkspaceVectors } from '../embedding/workspace-vectors.ts'
import { openPatchIndex } from '../edits/run-patch.ts'
import { openFrozenLock } from '../frozen/frozen-lock.ts'
import { governedCall, type GovernedCall } from '../governed-call/governed-call.ts'
import { endModelSession } from '../governed-call/model-session.ts'
import { openRunBudget } from '../governed-call/run-budget.ts'
import { syncWorkspaceIndex } from '../governed-call/workspace-index.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { callJson, printAnswer, printSummary } from '../output/call-result.ts'
import { costJson } from '../output/cost-text.ts'
import { printNextSteps } from '../output/next-steps.ts'
import { withoutControls, type Output } from '../output/output.ts'
import type { CommandContext } from './command-context.ts'
import { gatedSession } from '../run/gated-session.ts'
import { inJob, resumeJob, startJob, type Job } from '../run/job.ts'
import { checkNamedFiles } from '../run/named-files.ts'
import { openCallTurns, type CallTurns } from '../executor/call-turns.ts'
import { executeRun } from '../executor/execute-run.ts'
import { keepDefinitions } from '../executor/run-definitions.ts'
import { runLines } from '../executor/run-lines.ts'
import { recordedRun, type RunIds } from '../run/recorded-run.ts'
import { playSteps } from '../run/run-steps.ts'
import { pausedJob } from '../run/paused-job.ts'
import { runPoisoned } from '../run/poisoned-run.ts'
import { runRequest } from '../run/run-request.ts'
import { openSession, type Session } from '../session/session.ts'
import { keptOptions, overrideConfig, type CallCommandOptions } from './call-options.ts'
import { workspaceOf } from './workspace-of.ts'

/** What a run is about. */
export interface PlannedRun {
  readonly subjects: readonly CallSubject[]
  /** What the subjects of a task are made of (MT-002). */
  readonly definitions?: MicroTaskDefinitions
  /** Candidates that are left out: their ids, or how these begin. */
  readonly without?: readonly string[]
  readonly rerunOf?: string
}

/**
 * What `ask`, `run` and `rerun` share: one recorded run, one job, one governed call for each subject in order. `taskPath` is
 * the task file as a lockfile names it.
 */
export async function runSubjects(
  command: string,
  context: CommandContext<CallCommandOptions>,
  plan: (session: Session) => PlannedRun,
  taskPath?: string,
): Promise<number> {
  const { options, output } = context
  const root = workspaceOf(context)
  const interrupt = new AbortController()
  const onInterrupt = () => interrupt.abort()
  process.once('SIGINT', onInterrupt)
  const session = await openSession({
    root,
    variables: process.env,
    override: overrideConfig(options),
    ...(options.resume !== undefined && { resumedRun: options.resume }),
  })
  try {
    // Printed when the end of the run is on record: a result that could not be recorded is none.
    let report = () => {}
    const paused = options.resume === undefined ? undefined : pausedJob(session, options.resume)
    const work = (ids: RunIds) => {
      const planned = plan(session)
      checkNamedFiles(session, planned.subjects)
      const runId = options.resume ?? ids.runId
      if (session.jobs.isPoisoned(runId)) throw runPoisoned(runId)
      const runIds = [ids.runId, runId]
      const job = paused ? resumeJob(session, paused.jobId, runIds) : startJob(session, inputsHash(planned), runIds)
      return inJob(session, job, async () => {
        const run = { command, context, taskPath, ids, runId, job, signal: interrupt.signal }
        const { exit, calls, finishedBefore } = await makeCallsInTurn(session, run, planned)
        report = () => {
          const finished = finishedBefore.map(({ mtId, callId }) => ({ mt_id: mtId, call_id: callId }))
          const patch = openPatchIndex(session.state.database, session.artifacts).refOf(runId)
          const cost = costState(session.state.database, runId)
          const named = {
            run_id: runId,
            ...(finished.length > 0 && { finished_before: finished }),
            ...(patch && { patch }),
            ...(cost && { cost: costJson(cost) }),
          }
          output.result({ ok: exit === EXIT_CODE.done, exit, ...named, ...resultOf(command, calls) })
          printNextSteps(output, { runId, callId: calls.at(-1)?.ids.callId, hasPatch: patch !== undefined })
        }
        return exit
      })
    }
    const exit = await recordedRun(session, command, work, paused?.sessionId)
    report()
    return exit
  } finally {
    process.off('SIGINT', onInterrupt)
    await session.close()
  }
}

interface CallsRun {
  readonly command: string
  readonly context: CommandContext<CallCommandOptions>
  readonly taskPath: string | undefined
  readonly ids: RunIds
  /** The run whose micro-tasks these are: an earlier one when it is resumed. */
  readonly runId: string
  readonly job: Job
  readonly signal: AbortSignal
}

/** Every call waits for its turn, that of a question too (MT-062). */
async function makeCallsInTurn(session: Session, run: CallsRun, planned: PlannedRun) {
  const turns = openCallTurns(session, session.config.execution.scheduler)
  try {
    return await makeCalls(session, run, turns, planned)
  } finally {
    turns.close()
  }
}

/** Everything is written in the name of the job from here on (VAL-069). */
async function makeCalls(
  session: Session,
  { command, context, taskPath, ids, runId, job, signal }: CallsRun,
  { scheduler, inTurn }: CallTurns,
  { subjects, definitions, without = [], rerunOf }: PlannedRun,
) {
  const { options, output } = context
  const gated = gatedSession(session, job.fence)
  const kept = keptOptions(command, options, taskPath)
  // Going on with a run is no run of its own: what it was asked is kept already.
  if (options.resume === undefined) {
    const about = { ids, jobId: job.jobId, wpId: subjects[0]?.wpId ?? 'task' }
    // Together: what is on record about a run that never began would be nobody's.
    gated.state.synced(() => {
      const keptDefinitions = definitions && keepDefinitions(gated, about, definitions)
      const asked = { subjects, definitions: keptDefinitions, without, rerunOf, options: kept }
      gated.runs.add(runRequest(ids.runId, asked))
    })
  }
  const frozen = options.frozen === true ? await openFrozenLock(gated, subjects, taskPath, output.progress) : undefined
  if (command !== 'ask') output.line(`run        ${runId}`)
  syncWorkspaceIndex(gated, output.progress)
  const embedderId = frozen ? undefined : await embed(gated, { ids, job, subjects, signal, progress: output.progress })
  const budget = openRunBudget(gated, { runId, jobId: job.jobId }, subjects)
  const calls: GovernedCall[] = []
  const streamed = isStreamed(options, output)
  const lines = runLines(output, streamed, () => costState(session.state.database, runId))
  const forCalls: CallOptions = {
    ...callOptions(context, signal),
    without,
    resumeId: runId,
    budget,
    inTurn,
    ...(frozen ? { frozen } : { embedderId }),
  }
  const run = { runId, job, subjects, resumed: options.resume !== undefined }
  const { exit, finishedBefore } = isTask(subjects, definitions)
    ? await executeRun({
        ...run,
        definitions,
        session: gated,
        ungated: session,
        ids,
        callOptions: forCalls,
        scheduler,
        allowUnsandboxed: options.allowUnsandboxed === true,
        ...lines,
        onCall(call) {
          calls.push(call)
          lines.onCall(call)
        },
      })
    : await playSteps(session, {
        ...run,
        command,
        async call(subject) {
          output.progress(`${subject.definition.mt_id}: calling`)
          const call = await callOnce(session, ids, job, subject, forCalls)
          if (call.failure) throw call.failure
          calls.push(call)
          printSummary(output, call)
          printAnswer(output, call, streamed)
          return call
        },
      })
  for (const { mtId, callId } of finishedBefore) output.line(`${mtId} was finished before: call ${callId}`)
  return { exit, calls, finishedBefore }
}

/** A question is one call; a task goes through the executor, whatever its length. */
function isTask(subjects: readonly CallSubject[], definitions: MicroTaskDefinitions | undefined): boolean {
  return definitions !== undefined || subjects.some(({ wpId }) => wpId !== QUESTION_WP_ID)
}

/** Embedding is a node of the job like a call: it ends when the job does. */
function embed(
  session: Session,
  run: Pick<CallsRun, 'ids' | 'job' | 'signal'> & Pick<PlannedRun, 'subjects'> & Pick<Output, 'progress'>,
): Promise<string | undefined> {
  const { ids, job, subjects, signal, progress } = run
  const questions = subjects.map(({ question }) => question)
  return session.nodes.run(job.fence, (ended) =>
    syncWorkspaceVectors(session, { ids, questions, signal: AbortSignal.any([signal, ended]), progress }),
  )
}

function inputsHash({ subjects, without = [] }: PlannedRun): string {
  return canonicalHash([subjects.map(({ definition, question, scope }) => [definition, question, scope]), without])
}

async function callOnce(
  session: Session,
  run: RunIds,
  job: Job,
  subject: CallSubject,
  options: CallOptions,
): Promise<GovernedCall> {
  const { random } = session.environment
  const stepId = `${subject.definition.mt_id}_iter-${String(subject.iteration).padStart(3, '0')}`
  const ids = { ...run, ...job, stepId, traceId: random.uuid(), callId: random.uuid() }
  try {
    return await governedCall(session, subject, ids, options)
  } catch (error) {
    // A poisoned job writes no more; what waits goes on in the same session.
    const isOver = !waitsForConsent(error) && readJob(session.state.database, job.jobId)?.state === 'running'
    if (isOver) endModelSession(gatedSession(session, job.fence), { subject, ids, options }, 'FAILED', 'call_refused')
    throw error
  }
}

function resultOf(command: string, calls: readonly GovernedCall[]): object {
  const [first] = calls
  if (command === 'ask') return first ? callJson(first) : {}
  return { calls: calls.map((call) => callJson(call)) }
}

/** A person needs a terminal to read and to type on. */
function personAtTerminal(output: Output): Person | undefined {
  return !output.json && process.stdin.isTTY && process.stdout.isTTY
    ? terminalPerson(process.stdin, process.stdout)
    : undefined
}

function isStreamed(options: CallCommandOptions, output: Output): boolean {
  return options.stream === true && !output.json
}

function callOptions(context: CommandContext<CallCommandOptions>, signal: AbortSignal): CallOptions {
  const { options, output, person = personAtTerminal(output) } = context
  return {
    stream: options.stream === true,
    maxTokens: options.maxTokens,
    signal,
    ...(person && { person }),
    ...(isStreamed(options, output) && { onText: (text: string) => process.stdout.write(withoutControls(text)) }),
  }
}
