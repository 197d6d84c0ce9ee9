import type { Isolation, Refusal } from '@ctxlock/contracts/edits'
import type { ValidationResult } from '@ctxlock/contracts/micro-task-run'
import type { VerificationSpec } from '@ctxlock/contracts/packs'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { canonicalize } from '@ctxlock/core-hash'

import type { Job } from '../run/job.ts'
import { gatedSession } from '../session/gated-session.ts'
import type { Session } from '../session/session.ts'
import { MAX_OUTPUT_BYTES, type CommandLimits, type CommandRun } from './run-command.ts'

type SpecResult = ValidationResult['spec_results'][number]

/** The work that commands verify. */
export interface VerifiedWork {
  readonly session: Session
  readonly job: Job
  /** The part of the run that this process works on: its events belong there. */
  readonly runId: string
  readonly traceId: string
}

/** What is written down about commands: each before it starts, and what came of it, in the name of the job (VAL-069). */
export function verificationRecord({ session: plain, job, runId, traceId }: VerifiedWork) {
  const session = gatedSession(plain, job.fence)
  const base = { actor: 'system', trace_id: traceId, workflow_run_id: runId } as const
  const inStep = (stepId: string) => ({ ...base, job_id: job.jobId, step_id: stepId })
  const store = (value: unknown, kind: 'report' | 'tool_output' = 'report') => {
    const text = typeof value === 'string' ? value : canonicalize(value)
    return session.artifacts.put(new TextEncoder().encode(text), { kind, classification: 'medium' })
  }
  /** What a command prints may hold what it read. */
  const storeOutput = (bytes: Uint8Array): ArtifactHandle | undefined =>
    bytes.byteLength === 0
      ? undefined
      : store(session.redactor.redact(new TextDecoder().decode(bytes)).text, 'tool_output')

  const recordEnd = (
    stepId: string,
    index: number,
    run: CommandRun,
    [stdout, stderr]: readonly [ArtifactHandle | undefined, ArtifactHandle | undefined],
  ) =>
    session.recorder.record({
      ...inStep(stepId),
      fr_event_id: 'FR-EVT-X-EXEC-004',
      type: 'command_ended',
      payload: {
        spec_index: index,
        exit_code: run.exitCode,
        ...(run.failure !== undefined && { failure: run.failure }),
        duration_ms: run.durationMs,
        output_bytes: run.outputBytes,
        ...(stdout && { stdout_ref: stdout.content_hash }),
        ...(stderr && { stderr_ref: stderr.content_hash }),
      },
    })

  return {
    refused(stepId: string, refusals: readonly Refusal[]): void {
      for (const { code, subject } of refusals)
        session.recorder.record({
          ...inStep(stepId),
          fr_event_id: 'FR-EVT-X-EXEC-002',
          type: 'command_refused',
          payload: { error_code: code, ...(subject !== undefined && { subject }) },
        })
    },

    unsandboxed(): void {
      session.recorder.record({
        ...base,
        actor: 'human',
        fr_event_id: 'FR-EVT-X-EXEC-003',
        type: 'unsandboxed_allowed',
        payload: { allowed_by: 'flag' },
      })
    },

    /** The planned operation of MT-038. */
    planned(
      stepId: string,
      index: number,
      { command }: VerificationSpec,
      isolation: Isolation,
      limits: CommandLimits,
    ): void {
      const operation = {
        schema_version: 'poe-1.0',
        op_id: session.environment.random.uuid(),
        engine_id: 'engine.shell',
        operation: 'exec',
        params: { command, cwd: '.', timeout_ms: limits.timeoutMs },
        capabilities_requested: ['proc.exec'],
        budget: { memory_bytes: limits.memoryBytes, output_bytes: MAX_OUTPUT_BYTES },
        determinism: 'D1',
        evidence_policy: 'capture_stdout_stderr',
      }
      session.state.synced(() =>
        session.recorder.record({
          ...inStep(stepId),
          fr_event_id: 'FR-EVT-X-EXEC-001',
          type: 'command_planned',
          payload: { operation_ref: store(operation).content_hash, spec_index: index, isolation },
        }),
      )
    },

    /** The result of the step, which is stored next, waits for the disk. */
    ended(stepId: string, index: number, spec: VerificationSpec, run: CommandRun, passed: boolean): SpecResult {
      const [stdout, stderr] = session.state.unsynced(() => {
        const kept = [storeOutput(run.stdout), storeOutput(run.stderr)] as const
        recordEnd(stepId, index, run, kept)
        return kept
      })
      return {
        spec_index: index,
        command: spec.command,
        expected: spec.expect,
        actual_exit_code: run.exitCode,
        passed,
        ...(stdout && { stdout_ref: stdout }),
        ...(stderr && { stderr_ref: stderr }),
        duration_ms: run.durationMs,
        ...(run.failure !== undefined && { error: run.failure }),
      }
    },

    result(began: string, passed: boolean, results: SpecResult[]): ValidationResult {
      const completed = session.timestamp()
      const times = {
        started_at: began,
        completed_at: completed,
        total_duration_ms: results.reduce((sum, { duration_ms }) => sum + duration_ms, 0),
      }
      return {
        passed,
        spec_results: results,
        evidence_artifact_ref: session.state.unsynced(() => store({ passed, spec_results: results, ...times })),
        ...times,
      }
    },
  }
}
