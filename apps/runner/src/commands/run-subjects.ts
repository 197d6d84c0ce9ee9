import type { CallOptions } from '../governed-call/call-options.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import { governedCall, type GovernedCall } from '../governed-call/governed-call.ts'
import { syncWorkspaceIndex } from '../governed-call/workspace-index.ts'
import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import { callJson, exitOfCall, printCall } from '../output/call-result.ts'
import type { Output } from '../output/output.ts'
import type { CommandContext } from '../program.ts'
import { recordedRun, startJob, type RunIds } from '../run/recorded-run.ts'
import { openSession, type Session } from '../session/session.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { overrideConfig, type CallCommandOptions } from './call-options.ts'
import { workspaceOf } from './workspace-of.ts'

/** What `ask` and `run` share: one recorded run, one job, one governed call for each subject in order. */
export async function runSubjects(
  command: string,
  context: CommandContext<CallCommandOptions>,
  subjects: (config: ResolvedConfig) => readonly CallSubject[],
): Promise<number> {
  const { options, output } = context
  const root = workspaceOf(context)
  const interrupt = new AbortController()
  const onInterrupt = () => interrupt.abort()
  process.once('SIGINT', onInterrupt)
  const session = await openSession({ root, variables: process.env, override: overrideConfig(options) })
  try {
    return await recordedRun(session, command, async (ids) => {
      const exits: ExitCode[] = []
      const calls: GovernedCall[] = []
      syncWorkspaceIndex(session, output.progress)
      const jobId = startJob(session)
      for (const subject of subjects(session.config)) {
        output.progress(`${subject.definition.mt_id}: calling`)
        const streamed = options.stream === true && !output.json
        const call = await callOnce(session, ids, jobId, subject, {
          stream: options.stream === true,
          maxTokens: options.maxTokens,
          signal: interrupt.signal,
          ...(streamed && { onText: (text) => process.stdout.write(text) }),
        })
        if (streamed) output.line()
        if (call.failure) throw call.failure
        if (!output.json) printCall(session, output, call, streamed)
        calls.push(call)
        exits.push(exitOfCall(call))
        if (exits.at(-1) === EXIT_CODE.verificationFailed) break
      }
      const exit = worst(exits)
      output.result({ ok: exit === EXIT_CODE.done, exit, run_id: ids.runId, ...resultOf(session, command, calls) })
      printNext(output, calls)
      return exit
    })
  } finally {
    process.off('SIGINT', onInterrupt)
    await session.close()
  }
}

function callOnce(
  session: Session,
  run: RunIds,
  jobId: string,
  subject: CallSubject,
  options: CallOptions,
): Promise<GovernedCall> {
  const { random } = session.environment
  const stepId = `${subject.definition.mt_id}_iter-${String(subject.iteration).padStart(3, '0')}`
  return governedCall(
    session,
    subject,
    { ...run, jobId, stepId, traceId: random.uuid(), callId: random.uuid() },
    options,
  )
}

function resultOf(session: Session, command: string, calls: readonly GovernedCall[]): object {
  const [first] = calls
  if (command === 'ask') return first ? callJson(session, first) : {}
  return { calls: calls.map((call) => callJson(session, call)) }
}

function worst(exits: readonly ExitCode[]): ExitCode {
  if (exits.includes(EXIT_CODE.verificationFailed)) return EXIT_CODE.verificationFailed
  return exits.includes(EXIT_CODE.degraded) ? EXIT_CODE.degraded : EXIT_CODE.done
}

function printNext(output: Output, calls: readonly GovernedCall[]): void {
  const id = calls.at(-1)?.ids.callId.slice(0, 8)
  if (id === undefined) return
  output.line()
  // Inside a checkout of ctxlock the command is run through npm.
  const ctxlock = process.env['npm_lifecycle_event'] === undefined ? 'ctxlock' : 'npm run -s ctxlock --'
  output.line(`next       ${ctxlock} show ${id}   the exact bytes that were sent`)
  output.line(`           ${ctxlock} why ${id}    what was included, what was left out, and why`)
  output.line(`           ${ctxlock} verify          whether the record of it is whole`)
}
