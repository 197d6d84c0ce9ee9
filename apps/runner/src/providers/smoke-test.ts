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

const ASK_MS = 5000
/** A local model may have to be loaded first. */
const TOKEN_MS = 120_000

/**
 * Health, model list, the model itself, one token, in this order, each with a bound. Ends where going on would ask a model that
 * another machine serves.
 */
export async function smokeTest(client: LlmClient, questions: Questions): Promise<SmokeCheck[]> {
  const { modelId, clock, signal, onCall } = questions
  const within = (ms: number) => AbortSignal.any([signal, AbortSignal.timeout(ms)])
  const health = await timed('health', clock, async () => {
    const { ready, state, reason, version = null } = await client.health({ signal: within(ASK_MS) })
    return { ok: ready, facts: { state, version }, ...(reason !== undefined && { error: reason }) }
  })
  if (!health.ok) return [health]

  const listed = client.capabilities.list
    ? [
        await timed('models', clock, async () => {
          const models = await client.listModels({ signal: within(ASK_MS) })
          return {
            ok: models.length > 0,
            facts: { count: models.length, listed: models.some(({ id }) => id === modelId) },
          }
        }),
        await timed('model', clock, async () => {
          const {
            remote = false,
            digest = null,
            contextTokens = null,
          } = await client.showModel(modelId, { signal: within(ASK_MS) })
          return {
            ok: !remote,
            facts: { remote, digest, context_tokens: contextTokens },
            ...(remote && { error: 'served_by_another_machine' }),
          }
        }),
      ]
    : []
  const checks = [health, ...listed]
  if (listed.some(({ facts }) => facts?.['remote'] === true)) return checks
  return [
    ...checks,
    await timed('one_token', clock, async () => {
      const prepared = client.prepareChat({
        model: modelId,
        messages: [{ role: 'user', content: 'Answer with one word: ready' }],
        maxOutputTokens: 1,
        ...(client.capabilities.seed && { seed: 0 }),
      })
      const started = clock.monotonic()
      const outcome = await prepared.send({ signal: within(TOKEN_MS) }).catch((error: unknown) => {
        if (error instanceof ProviderError) return error
        throw error
      })
      onCall(prepared, outcome, clock.monotonic() - started)
      if (outcome instanceof ProviderError) throw outcome
      const { usage, responseModel, finishReason } = outcome
      return {
        ok: true,
        facts: {
          response_model: responseModel,
          finish_reason: finishReason,
          usage_source: usage.source,
          output_tokens: usage.outputTokens,
        },
      }
    }),
  ]
}

async function timed(
  check: SmokeCheck['check'],
  clock: Clock,
  ask: () => Promise<Pick<SmokeCheck, 'ok' | 'facts' | 'error'>>,
): Promise<SmokeCheck> {
  const started = clock.monotonic()
  const elapsed = () => Math.round(clock.monotonic() - started)
  try {
    const answer = await ask()
    return { check, ms: elapsed(), ...answer }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    return { check, ok: false, ms: elapsed(), error: error.code }
  }
}
