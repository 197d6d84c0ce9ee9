// Changes of model on a llama.cpp server that really routes: what the protocol records, and how long each phase takes.
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'

import { canonicalHash } from '../../../packages/core-hash/src/index.ts'
import type { ModelSwapRequest, SwapReport } from '../../../packages/contracts/src/model-swap.ts'
import type { LlmClient } from '../../../packages/contracts/src/provider.ts'
import {
  clientModelHost,
  createModelSwaps,
  openSwapJournal,
  swapPolicyOf,
} from '../../../packages/micro-task/src/index.ts'
import { createTestContext } from '../../../packages/provider-kit/src/testing.ts'
import { createOpenAiCompat } from '../../../packages/provider-openai-compat/src/index.ts'

interface Result {
  readonly swaps: number
  readonly succeeded: number
  /** Swaps to a model whose file is broken, which have to end with the earlier model. */
  readonly refused_and_restored: number
  /** Times after which the server had another set of models loaded than the report said. */
  readonly wrong_model_loaded: number
  readonly median_ms: Readonly<Record<string, number>>
  readonly events: Readonly<Record<string, number>>
}

/** `--url URL` of a llama.cpp router on loopback with at least two models, `--broken NAME` of one it cannot load, `--swaps N`. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: { url: { type: 'string' }, broken: { type: 'string' }, swaps: { type: 'string', default: '10' } },
  })
  if (values.url === undefined) throw new Error('Expected --url URL of a running llama.cpp router.')
  const client = connect(values.url)
  const context = createTestContext({ baseUrl: values.url })
  const events: Record<string, number> = {}
  const { broken } = values
  try {
    const models = (await client.listModels()).map(({ id }) => id).filter((id) => id !== broken)
    const [first, second] = models
    if (first === undefined || second === undefined) throw new Error('Expected a router with two models or more.')
    const swaps = createModelSwaps({
      ...context,
      timers: { after: (milliseconds, callback) => cancelling(setTimeout(callback, milliseconds)) },
      clock: { monotonic: () => performance.now() },
      journal: openSwapJournal({
        database: new DatabaseSync(':memory:'),
        clock: { now: () => Date.now() },
        record: ({ fr_event_id }) => {
          events[fr_event_id] = (events[fr_event_id] ?? 0) + 1
        },
        keep: () => {},
      }),
      models: clientModelHost(async () => ({ client })),
      state: { persist: async () => {}, hash: () => STATE_HASH },
      hold: () => ({ idle: Promise.resolve(), abort() {}, release() {} }),
      context: {
        // Calls the model with a prompt made for it: what is timed as compiling is the first answer of the target.
        compile: (request) => answer(client, request.target_model_id),
        bind: async () => BOUND,
        rebind: async () => ({ bindingId: null }),
        resume: async () => {},
      },
      refusal: () => undefined,
    })
    await client.load(first)
    let current = first
    let wrong = 0
    const reports: SwapReport[] = []
    for (let turn = 0; turn < Number(values.swaps); turn += 1) {
      const toBroken = broken !== undefined && turn % 3 === 2
      const target = toBroken ? broken : current === first ? second : first
      const report = await swaps.swap(request(current, target), {
        policy: { ...swapPolicyOf({ extensions: [] }), max_swaps_per_job: 10_000, allow_unmeasured_models: true },
      })
      reports.push(report)
      if (report.model_id !== null) current = report.model_id
      const running = (await client.listRunning()).map(({ id }) => id)
      if (running.length !== 1 || running[0] !== report.model_id) wrong += 1
    }
    return {
      swaps: reports.length,
      succeeded: reports.filter(({ outcome }) => outcome === 'success').length,
      refused_and_restored: reports.filter(({ rolled_back }) => rolled_back === true).length,
      wrong_model_loaded: wrong,
      median_ms: medians(reports),
      events,
    }
  } finally {
    await client.close()
  }
}

const STATE_HASH = canonicalHash([])
const PAIR = { role_pack_hash: STATE_HASH, work_unit_pack_hash: STATE_HASH }
const ID = '00000000-0000-4000-8000-000000000001'
const BOUND = { previousBindingId: null, bindingId: ID, contextSnapshotId: ID, requested: PAIR, effective: PAIR }

function request(current: string, target: string): ModelSwapRequest {
  return {
    schema_version: 'hsk.model_swap@0.4',
    request_id: crypto.randomUUID(),
    current_model_id: current,
    target_model_id: target,
    role: 'worker',
    priority: 'normal',
    reason: 'explicit_request',
    swap_strategy: 'unload_reload',
    state_persist_refs: [STATE_HASH],
    state_hash: STATE_HASH,
    context_compile_ref: 'measure',
    max_vram_mb: 1024,
    max_ram_mb: 1024,
    timeout_ms: 60_000,
    requester: { subsystem: 'ui', job_id: 'measure' },
  }
}

async function answer(client: LlmClient, model: string): Promise<string> {
  const prepared = client.prepareChat({
    model,
    messages: [{ role: 'user', content: 'Hello' }],
    maxOutputTokens: 4,
    stream: false,
  })
  return (await prepared.send()).text
}

function connect(url: string): LlmClient {
  const base_url = url.replace(/\/$/, '')
  const options = { provider_id: 'router', base_url, tier: 'local', profile: 'llamacpp_router' } as const
  return createOpenAiCompat(options, createTestContext({ baseUrl: base_url }))
}

function cancelling(timer: NodeJS.Timeout): () => void {
  return () => clearTimeout(timer)
}

function medians(reports: readonly SwapReport[]): Record<string, number> {
  const times: Record<string, number[]> = {}
  for (const { phases } of reports.filter(({ outcome }) => outcome === 'success')) {
    for (const { name: phase, duration_ms } of phases) (times[phase] ??= []).push(duration_ms)
  }
  return Object.fromEntries(
    Object.entries(times).map(([phase, values]) => [
      phase,
      values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0,
    ]),
  )
}
