import { bytesHash, canonicalHash, uuidFromHash } from '@ctxlock/core-hash'
import type { SwapResult } from '@ctxlock/contracts/micro-task-iteration'
import type { ModelSwapPolicy } from '@ctxlock/contracts/micro-task-run'
import type { ModelSwapRequest, SwapReport } from '@ctxlock/contracts/model-swap'
import type { RuntimeRole } from '@ctxlock/contracts/packs'
import type { Hash } from '@ctxlock/contracts/primitives'
import {
  afterSwap,
  createModelSwaps,
  openSwapJournal,
  type LoopSwap,
  type Scheduler,
  type SwapPorts,
} from '@ctxlock/micro-task'

import type { PreparedGovernedCall } from '../../governed-call/governed-call.ts'
import { storedBytes } from '../../governed-call/packs/stored-bytes.ts'
import type { RunIds } from '../../run/recorded-run.ts'
import { storeRecord } from '../../session/store-record.ts'
import { interrupted } from '../interrupted.ts'
import { hostedModels, routeTo } from './hosted-models.ts'
import { swapContext, type SwapContextParts } from './swap-context.ts'

export interface SwapperParts extends SwapContextParts {
  readonly runId: string
  /** Of the part of the run that this process works on: its events belong there. */
  readonly ids: Pick<RunIds, 'runId'>
  readonly jobId: string
  readonly wpId: string
  /** Of the job as it began, whatever the config says by now (SWAP-020). */
  readonly policy: ModelSwapPolicy
  /** Whose model is changed: the role of the task. */
  readonly role: RuntimeRole
  readonly scheduler: Pick<Scheduler, 'hold'>
  /** Everything that is needed to go on, as JSON without a clock of this process: hashed, stored, verified. */
  checkpoint(): unknown
}

export interface ModelSwapper {
  /** Throws `aborted` when a person stopped it: it is taken back, and decides nothing. */
  swap(swap: LoopSwap): Promise<SwapResult>
  /** Rolls back what a process of this run left half-way (SWAP-018). */
  recover(): Promise<readonly SwapReport[]>
}

/** The swaps of one run (spec 07), between the loop that asks for them and the servers that hold the models. */
export function createModelSwapper(parts: SwapperParts): ModelSwapper {
  const { session, runId, ids, jobId, wpId, policy } = parts
  const { artifacts, environment, recorder, config } = session
  const { role } = parts
  const journal = openSwapJournal({
    database: session.state.database,
    clock: environment.clock,
    record: (event, { requester }) =>
      recorder.record({
        actor: 'system',
        trace_id: environment.random.uuid(),
        job_id: jobId,
        workflow_run_id: ids.runId,
        ...(requester.wp_id !== undefined && { wp_id: requester.wp_id }),
        ...(requester.mt_id !== undefined && { mt_id: requester.mt_id }),
        ...event,
      }),
    keep: (report) => void store(report),
  })
  const ports: SwapPorts<PreparedGovernedCall> = {
    clock: environment.clock,
    timers: environment.timers,
    journal,
    state: {
      // The steps of the loop are on disk before it asks for a swap; what it knows besides is stored beside them.
      async persist() {
        store(parts.checkpoint())
      },
      hash: stateHash,
    },
    models: hostedModels(session, role),
    hold: (modelId) => parts.scheduler.hold(modelId),
    context: swapContext(parts),
    refusal({ current_model_id, target_model_id }) {
      const target = routeTo(session, role, target_model_id)
      if (!target.chosen) {
        const reasons = target.rejected.map(({ reason }) => reason).join(', ')
        return { reason: 'model_not_permitted', message: `The profile does not permit the target: ${reasons}.` }
      }
      if (routeTo(session, role, current_model_id).chosen?.tier === target.chosen.tier) return undefined
      return { reason: 'tier_changed', message: 'A job keeps its tier; a model of another one is for a child job.' }
    },
  }
  const swaps = createModelSwaps(ports)

  function store(value: unknown): Hash {
    return storeRecord(artifacts, value).content_hash
  }

  function stateHash(references: readonly Hash[]): Hash | undefined {
    const held = references.map((ref) => ({ ref, bytes: storedBytes(session, ref) }))
    if (held.some(({ bytes }) => bytes === undefined)) return undefined
    return canonicalHash(held.map(({ ref, bytes = new Uint8Array() }) => ({ ref, content_hash: bytesHash(bytes) })))
  }

  function requestOf({ key, mtId, from, to, reason }: LoopSwap, attempt: number): ModelSwapRequest {
    const checkpoint = store(parts.checkpoint())
    const { strategy, maxVramMb, maxRamMb } = config.execution.swap
    return {
      schema_version: 'hsk.model_swap@0.4',
      request_id: uuidFromHash(canonicalHash([runId, key, attempt])),
      current_model_id: from,
      target_model_id: to,
      role,
      priority: 'normal',
      reason,
      swap_strategy: strategy,
      state_persist_refs: [checkpoint],
      state_hash: canonicalHash([{ ref: checkpoint, content_hash: checkpoint }]),
      context_compile_ref: `${mtId}/${key}`,
      max_vram_mb: maxVramMb,
      max_ram_mb: maxRamMb,
      timeout_ms: policy.swap_timeout_ms,
      // The run: its job is another one each time it is gone on with, and its swaps are counted together.
      requester: { subsystem: 'mt_executor', job_id: runId, wp_id: wpId, mt_id: mtId },
      ...requestedPacks(to),
    }
  }

  function requestedPacks(modelId: string): Pick<ModelSwapRequest, 'metadata'> {
    const call = parts.pendingCall(modelId)
    const binding = call && parts.lastBinding(call.subject)
    if (!binding) return {}
    const { role_pack, work_unit_pack } = binding
    const hashes = { role_pack_hash: role_pack.effective_hash, work_unit_pack_hash: work_unit_pack.effective_hash }
    return { metadata: { requested_pack_hashes: hashes } }
  }

  return {
    async swap(swap) {
      // A swap that was interrupted is rolled back; the work that asked for it still needs it.
      for (let attempt = 0; ; attempt += 1) {
        const request = requestOf(swap, attempt)
        const known = journal.find(request.request_id)
        if (known?.report && isInterrupted(known.report)) continue
        const report = await swaps.swap(known?.request ?? request, { policy, signal: parts.options.signal })
        if (isInterrupted(report)) throw interrupted('the change of model', runId)
        return resultOf(report, afterSwap(policy, report, session.automationLevel))
      }
    },
    recover: () => swaps.recover(({ requester }) => requester.job_id === runId),
  }
}

function isInterrupted({ error }: SwapReport): boolean {
  return error?.reason === 'crashed' || error?.reason === 'cancelled'
}

function resultOf({ error }: SwapReport, next: ReturnType<typeof afterSwap>): SwapResult {
  switch (next) {
    case 'resume':
      return { status: 'completed' }
    case 'continue_with_current':
      return { status: 'kept_current' }
    case 'escalate_to_cloud':
    case 'abort':
      return {
        status: 'failed',
        code: error?.code ?? 'CX-MM-003',
        reason: `${error?.reason}: ${error?.message}`.slice(0, 512),
        ...(next === 'escalate_to_cloud' && { escalate_to_cloud: true }),
      }
  }
}
