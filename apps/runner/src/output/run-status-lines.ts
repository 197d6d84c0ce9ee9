import type { ModelSession } from '@ctxlock/contracts/model-session'

import type { RunView } from '../executor/run-view.ts'
import { costJson, costText } from './cost-text.ts'
import { counted } from './counted.ts'

/** A run on one line. */
export function runLine({ runId, command, state, startedAt, parent, consents, gate, progress, cost }: RunView): string {
  const stats = progress?.aggregate_stats
  const done = stats ? `, ${stats.completed_mts} of ${stats.total_mts} micro-tasks` : ''
  const of = parent === undefined ? '' : `, child of ${parent.slice(0, 8)}`
  const at = gate ? `, at ${gate.mtId}: ${gate.reason}` : consents.length > 0 ? ', for consent' : ''
  const spent = cost ? `, ${costText(cost)}` : ''
  return `${runId.slice(0, 8)}   ${startedAt}  ${command}: ${state}${done}${of}${at}${spent}`
}

export interface RunParts {
  readonly children: readonly RunView[]
  readonly modelSessions: readonly ModelSession[]
}

/** A run in a few lines: what is done, what it and its children wait for, what to do next. */
export function statusLines(view: RunView, { children, modelSessions }: RunParts): string[] {
  const { runId, command, state, startedAt, parent, consents, gate, error, progress, cost, next } = view
  return [
    `run        ${runId} (${command})`,
    `state      ${state}, since ${startedAt}`,
    ...(error === undefined ? [] : [`error      ${error}`]),
    ...(parent === undefined ? [] : [`parent     ${parent}`]),
    ...(gate ? [`waits      at ${gate.mtId}: ${gate.why}`] : []),
    ...consents.map((consent) => `waits      ${consentLine(consent)}`),
    // Its person has answered, or need not any more.
    ...(state === 'waiting' && !gate && consents.length === 0 ? ['waits      to be resumed'] : []),
    ...children.map(
      (child) => `child      ${child.runId} ${child.state}${child.error === undefined ? '' : `: ${child.error}`}`,
    ),
    ...(progress ? progressLines(progress) : []),
    ...(cost ? [`cost       ${costText(cost)}`] : []),
    ...modelSessions.map((each) => sessionLine(each, state === 'running')),
    ...next.map((command_, index) => `${index === 0 ? 'next      ' : '          '} ${command_}`),
  ]
}

/** What waits for a person's consent. */
export function consentLine({ requestId, modelId, bytes }: RunView['consents'][number]): string {
  return `for consent to send ${bytes} bytes to ${modelId} (request ${requestId.slice(0, 8)})`
}

/** What a process left `ACTIVE` that died, or whose job was poisoned, has no call any more. */
function sessionLine(
  { session_id, mt_id, state, model_id, backend, context_window_used }: ModelSession,
  isRunning: boolean,
): string {
  const shown = state === 'ACTIVE' && !isRunning ? 'cut off' : state.toLowerCase()
  return `session    ${session_id.slice(0, 8)} ${mt_id} ${shown}, ${model_id} (${backend}), ${context_window_used} tokens`
}

function progressLines({ micro_tasks, aggregate_stats, current_state }: NonNullable<RunView['progress']>): string[] {
  const { total_iterations, escalation_count, drop_back_count } = aggregate_stats
  const tokens = aggregate_stats.total_tokens_prompt + aggregate_stats.total_tokens_completion
  return [
    `level      ${current_state.current_escalation_level}, ${current_state.current_model_id}`,
    `so far     ${counted(total_iterations, 'iteration')}, ${tokens} tokens, ${counted(escalation_count, 'escalation')}, ${counted(drop_back_count, 'drop-back')}`,
    ...micro_tasks.map(({ mt_id, name, status, iterations }) => {
      const last = iterations.at(-1)?.error_summary
      return `  ${mt_id}  ${status.padEnd(11)} ${counted(iterations.length, 'iteration').padEnd(13)} ${name}${last === undefined || status === 'completed' ? '' : `: ${last}`}`
    }),
  ]
}

/** A run as `--json` gives it. */
export function runJson(view: RunView): object {
  const { runId, command, state, startedAt, parent, consents, gate, error, progress, cost, next } = view
  return {
    run_id: runId,
    command,
    state,
    started_at: startedAt,
    ...(parent !== undefined && { parent_run: parent }),
    ...(consents.length > 0 && {
      consents: consents.map(({ requestId, modelId, bytes }) => ({ request_id: requestId, model_id: modelId, bytes })),
    }),
    ...(cost && { cost: costJson(cost) }),
    ...(gate && { gate: { reason: gate.reason, mt_id: gate.mtId } }),
    ...(error !== undefined && { error }),
    ...(progress && { progress }),
    next,
  }
}
