import type { EscalationLevel } from '@ctxlock/contracts/micro-task-run'
import { statusWords, type LoopState, type StatusLine } from '@ctxlock/micro-task'

import type { CallSubject } from '../governed-call/call-subject.ts'
import type { Session } from '../session/session.ts'
import type { ExecutionPlan } from './execution-plan.ts'
import { routeTo } from './swap/hosted-models.ts'

/** The status of one run, as a line for whoever looks and as an event with the same data (MT-059 to MT-061). */
export interface RunStatus {
  /** What a state of the loop changes the status to; undefined when it says what was said before. */
  after(state: LoopState): StatusLine | undefined
  /** What ends this process before the loop can say so: a code of spec 07, such as a file that another run holds. */
  blocked(code: string): StatusLine
}

export function openRunStatus(session: Session, { loop }: ExecutionPlan, subjects: readonly CallSubject[]): RunStatus {
  let said = ''
  const role = subjects[0]?.role
  const about = (modelId: string | undefined) => {
    const chosen = role && modelId !== undefined ? routeTo(session, role.runtime_role, modelId).chosen : null
    return {
      role: role?.role_id ?? null,
      wp: loop.wpId,
      model: modelId ?? null,
      backend: chosen?.tier ?? null,
      parameterClass: chosen?.parameter_class ?? null,
      reasoningStrength: chosen?.compute.cloud_reasoning_strength ?? null,
    }
  }
  return {
    after(state) {
      const level = loop.chain[state.rung]
      const status: StatusLine = {
        ...about(level?.model_id),
        ...standing(state, loop, level),
        mt: state.end ? null : (loop.definitions[state.current]?.mt_id ?? null),
        ...(level?.is_cloud && { backend: 'cloud' as const }),
        lock: 'OK',
        code: state.end?.code ?? null,
      }
      const words = JSON.stringify(statusWords(status))
      if (words === said) return undefined
      said = words
      return status
    },
    blocked: (code) => ({
      ...about(undefined),
      mt: null,
      phase: 'BLOCKED',
      state: 'BLOCKED',
      lock: code === 'CX-MM-002' ? 'CONFLICT' : 'OK',
      gate: { name: 'NONE', verdict: 'BLOCK' },
      code,
    }),
  }
}

/** FR-EVT-X-STATUS-001 with the very words of the line. */
export function statusEvent(status: StatusLine) {
  return { fr_event_id: 'FR-EVT-X-STATUS-001' as const, type: 'status_line' as const, payload: statusWords(status) }
}

function standing(
  { end, gate, current, loadedModel }: LoopState,
  { definitions }: ExecutionPlan['loop'],
  level: EscalationLevel | undefined,
): Pick<StatusLine, 'phase' | 'state' | 'gate'> {
  const none = { name: 'NONE', verdict: 'PASS' } as const
  if (end) {
    const result = end.status.startsWith('completed') ? 'DONE' : 'FAILSTATE'
    return { phase: result, state: result, gate: none }
  }
  if (gate) return { phase: 'BLOCKED', state: 'WAITING', gate: { name: 'G1', verdict: 'PEND' } }
  if (current >= definitions.length) return { phase: 'HANDOFF', state: 'RUNNING', gate: none }
  // A model that is being changed is waited for; it is not lost (SWAP-028).
  const changes = level && !level.is_cloud && level.model_id !== loadedModel
  return { phase: 'IMPLEMENTATION', state: changes ? 'WAITING' : 'RUNNING', gate: none }
}
