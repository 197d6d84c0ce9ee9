import type { Clock } from '@ctxlock/contracts/ports'
import { ProviderError, type GenerationResult, type LlmClient, type PreparedCall } from '@ctxlock/contracts/provider'

/** What one question to a provider showed: facts when it went well, else the code of the failure. */
export interface SmokeCheck {
  readonly check: 'health' | 'models' | 'model' | 'one_token'
  readonly ok: boolean
  readonly ms: number
  readonly error?: string
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>
}

interface Questions {
  readonly modelId: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called with every request that asks the model for text, and what came of it. */
  readonly onCall: (prepared: PreparedCall, outcome: GenerationResult | ProviderError, ms: number) => void
}

type Answer = Pick<SmokeCheck, 'ok' | 'facts' | 'error'>
type Ask = (client: LlmClient, questions: Questions) => Promise<Answer>

const ASK_MS = 5000
/** A local model may have to be loaded first. */
const TOKEN_MS = 120_000

/**
 * Health, model list, the model itself, one token, in this order, each with a bound. Ends where nobody answers, and before it
 * would ask a model that another machine serves.
 */
export async function smokeTest(client: LlmClient, questions: Questions): Promise<SmokeCheck[]> {
  const steps: (readonly [SmokeCheck['check'], Ask])[] = [
    ['health', askHealth],
    ...(client.capabilities.list
      ? ([
          ['models', askModels],
          ['model', askModel],
        ] as const)
      : []),
    ['one_token', askToken],
  ]
  const checks: SmokeCheck[] = []
  for (const [check, ask] of steps) {
    const answer = await timed(check, questions, () => ask(client, questions))
    // Listing models is a capability; a server that has no way to show one of them is none the worse.
    if (check === 'model' && answer.error === 'not_supported') continue
    checks.push(answer)
    if ((check === 'health' && !answer.ok) || answer.facts?.['remote'] === true) break
  }
  return checks
}

const askHealth: Ask = async (client, { signal }) => {
  const { ready, state, reason, version = null } = await client.health({ signal: within(ASK_MS, signal) })
  return { ok: ready, facts: { state, version }, ...(reason !== undefined && { error: reason }) }
}

const askModels: Ask = async (client, { modelId, signal }) => {
  const models = await client.listModels({ signal: within(ASK_MS, signal) })
  return { ok: models.length > 0, facts: { count: models.length, listed: models.some(({ id }) => id === modelId) } }
}

const askModel: Ask = async (client, { modelId, signal }) => {
  const shown = await client.showModel(modelId, { signal: within(ASK_MS, signal) })
  const { remote = false, digest = null, contextTokens = null } = shown
  const facts = { remote, digest, context_tokens: contextTokens }
  return remote ? { ok: false, facts, error: 'served_by_another_machine' } : { ok: true, facts }
}

const askToken: Ask = async (client, { modelId, clock, signal, onCall }) => {
  const prepared = client.prepareChat({
    model: modelId,
    messages: [{ role: 'user', content: 'Answer with one word: ready' }],
    maxOutputTokens: 1,
    ...(client.capabilities.seed && { seed: 0 }),
  })
  const started = clock.monotonic()
  const outcome = await prepared.send({ signal: within(TOKEN_MS, signal) }).catch((error: unknown) => {
    if (error instanceof ProviderError) return error
    throw error
  })
  onCall(prepared, outcome, clock.monotonic() - started)
  if (outcome instanceof ProviderError) throw outcome
  const { usage, responseModel, finishReason } = outcome
  const facts = { response_model: responseModel, finish_reason: finishReason }
  return { ok: true, facts: { ...facts, usage_source: usage.source, output_tokens: usage.outputTokens } }
}

async function timed(
  check: SmokeCheck['check'],
  { clock, signal }: Questions,
  ask: () => Promise<Answer>,
): Promise<SmokeCheck> {
  const started = clock.monotonic()
  const elapsed = () => Math.round(clock.monotonic() - started)
  try {
    const answer = await ask()
    return { check, ms: elapsed(), ...answer }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    const isLate = error.code === 'aborted' && !signal.aborted
    return { check, ok: false, ms: elapsed(), error: isLate ? 'timeout' : error.code }
  }
}

function within(ms: number, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ms)])
}
