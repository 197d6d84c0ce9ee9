import {
  ProviderError,
  type GenerationResult,
  type PreparedCall,
  type ProviderConfig,
} from '@ctxlock/contracts/provider'
import { keyedDigest } from '@ctxlock/core-hash'
import { effectiveTier, findProvider } from '@ctxlock/governance'
import { deriveTier } from '@ctxlock/provider-kit'

import { CommandError } from '../../command-error.ts'
import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { EXIT_CODE, type ExitCode } from '../../exit-code.ts'
import { tokenUsage } from '../../governed-call/budget/token-usage.ts'
import { smokeTest, type SmokeCheck } from '../../providers/smoke-test.ts'
import { recordedRun, type RunIds } from '../../run/recorded-run.ts'
import { openSession, type Session } from '../../session/session.ts'
import { PAYLOAD_DIGEST } from '../../workspace/digest-domains.ts'

interface TestOptions extends GlobalOptions {
  readonly model?: string
}

/**
 * `ctxlock providers test`: health, models and one token of a provider on this machine, as a report. What counts as cloud is
 * not contacted; the report says what would be needed.
 */
export async function testProvider(
  [id = '']: readonly string[],
  context: CommandContext<TestOptions>,
): Promise<number> {
  const { output, options } = context
  const interrupt = new AbortController()
  const onInterrupt = () => interrupt.abort()
  process.once('SIGINT', onInterrupt)
  const session = await openSession({ root: workspaceOf(context), variables: process.env })
  try {
    const provider = findProvider(session.registry, id)
    if (!provider) throw unknownProvider(session, id)
    const modelId = options.model ?? provider.default_model_id
    const tier = effectiveTier(provider, { model_id: modelId }, deriveTier)
    const local = tier.accepted && tier.tier === 'local'
    const checks = local ? await checked(session, provider, modelId, interrupt.signal) : []
    const isRemote = checks.some(({ facts }) => facts?.['remote'] === true)
    const exit = !local || isRemote ? EXIT_CODE.needsPerson : exitOf(checks)
    const report = {
      ok: exit === EXIT_CODE.done,
      provider_id: id,
      kind: provider.kind,
      tier: tier.accepted ? (isRemote ? 'cloud' : tier.tier) : `refused (${tier.reason})`,
      model_id: modelId,
      contacted: local,
      checks,
      ...(exit === EXIT_CODE.needsPerson && { needed: needed(provider, modelId) }),
    }
    output.result(report)
    for (const line of reportLines(report)) output.line(line)
    return exit
  } finally {
    process.off('SIGINT', onInterrupt)
    await session.close()
  }
}

interface TestReport {
  readonly provider_id: string
  readonly kind: string
  readonly tier: string
  readonly model_id: string
  readonly contacted: boolean
  readonly checks: readonly SmokeCheck[]
  readonly needed?: readonly string[]
}

function reportLines({
  provider_id,
  kind,
  tier,
  model_id,
  contacted,
  checks,
  needed: missing = [],
}: TestReport): string[] {
  return [
    `provider   ${provider_id} (${kind}), model ${model_id}: ${tier}${contacted ? '' : ', not contacted'}`,
    ...checks.map(checkLine),
    ...missing.map((what) => `needed     ${what}`),
  ]
}

function checkLine({ check, ok, ms, error, facts = {} }: SmokeCheck): string {
  const said = Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]))
  const failure = error === undefined ? [] : [error]
  return [`${check.padEnd(10)} ${ok ? 'ok' : 'failed'} after ${Math.round(ms)} ms`, ...failure, ...said].join(', ')
}

/** Asking a model for a token is a call, and every call is on record (PROV-004). */
async function checked(
  session: Session,
  provider: ProviderConfig,
  modelId: string,
  signal: AbortSignal,
): Promise<readonly SmokeCheck[]> {
  let checks: readonly SmokeCheck[] = []
  await recordedRun(session, 'providers.test', async (ids) => {
    const client = await session.providers.client(provider)
    checks = await smokeTest(client, {
      modelId,
      signal,
      clock: session.environment.clock,
      onCall: (prepared, outcome, ms) => recordCall(session, ids, { provider, modelId, prepared, outcome, ms }),
    })
    return exitOf(checks)
  })
  return checks
}

interface TestCall {
  readonly provider: ProviderConfig
  readonly modelId: string
  readonly prepared: PreparedCall
  readonly outcome: GenerationResult | ProviderError
  readonly ms: number
}

function recordCall(
  session: Pick<Session, 'environment' | 'recorder' | 'state'>,
  { runId, sessionId }: RunIds,
  { provider, modelId, prepared, outcome, ms }: TestCall,
): void {
  const trace_id = session.environment.random.uuid()
  session.recorder.record({
    actor: 'system',
    trace_id,
    workflow_run_id: runId,
    model_session_id: sessionId,
    model_id: modelId,
    fr_event_id: 'FR-EVT-006',
    type: 'llm_inference',
    payload: {
      trace_id,
      model_id: modelId,
      token_usage: tokenUsage(outcome.usage),
      latency_ms: Math.round(ms),
      prompt_hash: keyedDigest(session.state.digestKey, PAYLOAD_DIGEST, prepared.body),
      provider_id: provider.provider_id,
      backend: 'local',
      usage_source: outcome.usage?.source ?? 'none',
      ...(outcome instanceof ProviderError ? { error_code: outcome.code } : { finish_reason: outcome.finishReason }),
    },
  })
}

function exitOf(checks: readonly SmokeCheck[]): ExitCode {
  return checks.every(({ ok }) => ok) ? EXIT_CODE.done : EXIT_CODE.provider
}

/** What stands between a person and a call to this provider. */
function needed({ provider_id, secret_ref, declared_tier }: ProviderConfig, modelId: string): string[] {
  const hasKey = secret_ref === null || (process.env[secret_ref.name] ?? '') !== ''
  return [
    ...(declared_tier === 'local'
      ? [`"declared_tier": "cloud" in the entry ${provider_id}: nothing but this machine is local`]
      : []),
    ...(hasKey ? [] : ['its key, in the environment variable that secret_ref names']),
    `a profile with allow_cloud_escalation and without local_only that names ${modelId}`,
    'the files that may leave, in sources.exportable',
    'consent to the exact bytes of a call, which `ctxlock ask` puts before a person; a test has none to show',
  ]
}

function unknownProvider({ registry }: Session, id: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'PROVIDER_UNKNOWN',
    message: `there is no provider ${id}; the config has ${registry.providers.map(({ provider_id }) => provider_id).join(', ')}`,
    hint: 'Add it with `ctxlock providers add`.',
  })
}
