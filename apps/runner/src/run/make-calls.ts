import { costState } from '@ctxlock/governance'

import type { CommandContext } from '../command-line/command-context.ts'
import { interruptedQuestion, waitsForConsent } from '../consent/consent-refusal.ts'
import { terminalPerson, type Person } from '../consent/person.ts'
import { syncWorkspaceVectors } from '../embedding/workspace-vectors.ts'
import { openCallTurns, type CallTurns } from '../executor/call-turns.ts'
import { executeRun } from '../executor/execute-run.ts'
import { keepDefinitions } from '../executor/run-definitions.ts'
import { runLines, type RunLines } from '../executor/run-narration.ts'
import { openFrozenLock } from '../frozen/frozen-lock.ts'
import { openRunBudget } from '../governed-call/budget/run-budget.ts'
import type { CallOptions } from '../governed-call/call-options.ts'
import { QUESTION_WP_ID } from '../governed-call/call-subject.ts'
import { syncWorkspaceIndex } from '../governed-call/context/workspace-index.ts'
import type { GovernedCall } from '../governed-call/governed-call.ts'
import { printAnswer, printSummary } from '../output/call-result.ts'
import type { Output } from '../output/output.ts'
import { visibleText } from '../output/visible-text.ts'
import { gatedSession } from '../session/gated-session.ts'
import type { Session } from '../session/session.ts'
import { callOnce } from './call-once.ts'
import type { Job } from './job.ts'
import type { PlannedRun } from './planned-run.ts'
import type { RunIds } from './recorded-run.ts'
import { keptOptions, type RequestedOptions } from './requested-options.ts'
import { runRequest } from './run-request.ts'
import { playSteps } from './run-steps.ts'

/** Who makes the calls of a run, and in which job. */
export interface CallsRun {
  readonly command: string
  readonly context: CommandContext<RequestedOptions>
  readonly taskPath: string | undefined
  readonly ids: RunIds
  /** The run whose micro-tasks these are: an earlier one when it is resumed. */
  readonly runId: string
  readonly job: Job
  readonly signal: AbortSignal
}

/** The calls of a run, each in its turn, that of a question too (MT-062). */
export async function makeCallsInTurn(session: Session, run: CallsRun, planned: PlannedRun) {
  const { output, options } = run.context
  const turns = openCallTurns(session, session.config.execution.scheduler)
  const lines = runLines(output, isStreamed(options, output), () => costState(session.state.database, run.runId))
  // What one call comes to is its result; a task is followed while it runs.
  const unfollow = isTask(planned) ? session.progress.follow(run.ids.runId, lines.onProgress) : undefined
  try {
    return await makeCalls(session, run, turns, lines, planned)
  } finally {
    unfollow?.()
    turns.close()
  }
}

/** Everything is written in the name of the job from here on (VAL-069). */
async function makeCalls(
  session: Session,
  { command, context, taskPath, ids, runId, job, signal }: CallsRun,
  { scheduler, inTurn }: CallTurns,
  lines: RunLines,
  planned: PlannedRun,
) {
  const { subjects, definitions, without = [], rerunOf } = planned
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
  const index = async () => {
    syncWorkspaceIndex(gated, output.progress)
    return frozen ? undefined : await embed(gated, { ids, job, subjects, signal, progress: output.progress })
  }
  const embedderId = await index()
  const budget = openRunBudget(gated, { runId, jobId: job.jobId }, subjects)
  const calls: GovernedCall[] = []
  const forCalls: CallOptions = {
    ...callOptions(context, signal),
    without,
    resumeId: runId,
    budget,
    inTurn,
    ...(frozen ? { frozen } : { embedderId, reindex: index }),
  }
  const run = { runId, job, subjects, resumed: options.resume !== undefined }
  const { exit, finishedBefore } = isTask(planned)
    ? await orInterrupted(forCalls.person, (person) =>
        executeRun({
          ...run,
          definitions,
          session: gated,
          ungated: session,
          ids,
          callOptions: { ...forCalls, ...(person && { person }) },
          scheduler,
          allowUnsandboxed: options.allowUnsandboxed === true,
          onCall(call) {
            calls.push(call)
            lines.onCall(call)
          },
        }),
      )
    : await playSteps(session, {
        ...run,
        command,
        async call(subject) {
          output.progress(`${subject.definition.mt_id}: calling`)
          const call = await callOnce(session, ids, job, subject, forCalls)
          if (call.failure) throw call.failure
          calls.push(call)
          printSummary(output, call)
          printAnswer(output, call, isStreamed(options, output))
          return call
        },
      })
  for (const { mtId, callId } of finishedBefore) output.line(`${mtId} was finished before: call ${callId}`)
  return { exit, calls, finishedBefore }
}

/** A question is one call; a task goes through the executor, whatever its length. */
function isTask({ subjects, definitions }: PlannedRun): boolean {
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

/** A person needs a terminal to read and to type on. */
function personAtTerminal(output: Output, signal: AbortSignal): Person | undefined {
  return !output.json && process.stdin.isTTY && process.stdout.isTTY
    ? terminalPerson(process.stdin, process.stdout, signal)
    : undefined
}

/**
 * A task is parked where a child of it waits for a consent, whatever the person did. Whoever left the question by Ctrl-C or the
 * end of input is asked nothing more, and the command ends as interrupted.
 */
async function orInterrupted<Result>(
  person: Person | undefined,
  work: (person: Person | undefined) => Promise<Result>,
): Promise<Result> {
  let isInterrupted = false
  const asked: Person | undefined = person && {
    async answer(disclosure) {
      const answer = isInterrupted ? 'interrupted' : await person.answer(disclosure)
      isInterrupted = answer === 'interrupted'
      return answer
    },
  }
  try {
    return await work(asked)
  } catch (error) {
    throw isInterrupted && waitsForConsent(error) ? interruptedQuestion(error) : error
  }
}

function isStreamed(options: RequestedOptions, output: Output): boolean {
  return options.stream === true && !output.json
}

function callOptions(context: CommandContext<RequestedOptions>, signal: AbortSignal): CallOptions {
  const { options, output, person = personAtTerminal(output, signal) } = context
  return {
    stream: options.stream === true,
    maxTokens: options.maxTokens,
    signal,
    ...(person && { person }),
    ...(isStreamed(options, output) && { onText: (text: string) => process.stdout.write(visibleText(text)) }),
  }
}
