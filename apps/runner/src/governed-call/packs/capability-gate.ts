import type { RoleConfig } from '@ctxlock/contracts/config'
import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import { Capability } from '@ctxlock/contracts/packs'
import { canonicalHash } from '@ctxlock/core-hash'
import { missingCapabilities } from '@ctxlock/micro-task'

import { CommandError } from '../../command-error.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import type { Session } from '../../session/session.ts'
import { violationEvent } from '../violation-event.ts'

/** The work a violation happened in. */
export interface ViolatingWork {
  readonly jobId: string
  readonly runId: string
  readonly stepId?: string
}

/** What a role may do: what the config grants it now, and never more than it was granted when the work was asked for. */
export function grantedTo({ config }: Pick<Session, 'config'>, role: RoleConfig): Capability[] {
  const now = config.roles.find(({ role_id }) => role_id === role.role_id)?.capabilities ?? Capability.options
  const then: readonly Capability[] = role.capabilities ?? Capability.options
  return Capability.options.filter((capability) => now.includes(capability) && then.includes(capability))
}

/** Asked at creation, before each call, by what its packs grant, and before edits and commands (MT-052). Throws `CAPABILITY_MISSING`. */
export function requireCapabilities(
  session: Session,
  work: ViolatingWork,
  granted: readonly string[],
  role: RoleConfig,
  definition: MicroTaskDefinition,
): void {
  const missing = missingCapabilities(granted, definition)
  if (missing.length === 0) return
  recordCapabilityViolation(session, work, 'CAPABILITY_MISSING', missing, 'failed')
  throw new CommandError({
    exit: EXIT_CODE.refused,
    code: 'CAPABILITY_MISSING',
    message: `${definition.mt_id} needs ${missing.join(', ')}, which the role ${role.role_id} was not granted`,
    hint: `Add it to \`roles[].capabilities\` in the config, or give the task another role. Nothing was done.`,
  })
}

/** FR-EVT-SEC-VIOLATION for something that was tried without the right to do it; it was not done (MT-056). */
export function recordCapabilityViolation(
  session: Session,
  { jobId, runId, stepId }: ViolatingWork,
  code: string,
  about: readonly string[],
  jobState: 'running' | 'failed',
): void {
  const subject = canonicalHash([stepId ?? '', code, ...about])
  const base = {
    trace_id: session.environment.random.uuid(),
    job_id: jobId,
    workflow_run_id: runId,
    ...(stepId !== undefined && { step_id: stepId }),
  }
  session.recorder.record(
    violationEvent(session, base, {
      violation_type: 'capability_violation',
      severity: 'high',
      guard: 'capability_gate',
      error_code: code,
      action_taken: 'blocked',
      job_state_to: jobState,
      subject_refs: [subject],
      context_snapshot_id: null,
      idempotency_key: canonicalHash([jobId, 'capability_violation', 'capability_gate', [subject]]),
    }),
  )
}
