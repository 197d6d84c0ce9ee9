import type { ProviderConfig } from '@ctxlock/contracts/provider'
import { effectiveTier, exportRegistry } from '@ctxlock/governance'
import { deriveTier } from '@ctxlock/provider-kit'

import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { CloudEmbeddingRefused, embeddingModel } from '../../embedding/embedding-model.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { loadPlugins } from '../../providers/plugins.ts'
import { openLookingSession } from '../../session/looking-session.ts'
import type { Session } from '../../session/session.ts'

interface ProvidersOptions extends GlobalOptions {
  readonly offline?: boolean
}

/** `ctxlock providers list`: what is configured, what tier it really has, whether it answers; never a secret (PROV-028). */
export async function listProviders(_: readonly string[], context: CommandContext<ProvidersOptions>): Promise<number> {
  const { output, options } = context
  const root = workspaceOf(context)
  const session = await openLookingSession(root, process.env)
  try {
    const plugins = (await loadPlugins(root, session.config.plugins)).list()
    const exported = exportRegistry(session.registry, ({ name }) => (process.env[name] ?? '') !== '')
    const entries = await Promise.all(
      session.registry.providers.map(async (provider, index) => ({
        ...exported[index],
        tier: tierOf(provider),
        readiness: options.offline === true ? 'not asked' : await readiness(session, provider),
      })),
    )
    const embedding = embeddingOf(session)
    output.result({ ok: true, providers: entries, ...(embedding && { embedding }), plugins })
    for (const provider of session.registry.providers) {
      const entry = entries.find((candidate) => candidate.provider_id === provider.provider_id)
      const secret =
        provider.secret_ref === null
          ? 'no key'
          : `key ${(process.env[provider.secret_ref.name] ?? '') === '' ? 'missing' : 'present'}`
      output.line(
        `${provider.provider_id}  ${provider.kind}  ${entry?.tier ?? ''}  ${provider.enabled ? entry?.readiness : 'disabled'}  ${secret}  model ${provider.default_model_id}`,
      )
    }
    if (embedding) {
      const { model_id, provider_id, refused } = embedding
      output.line()
      output.line(`embedding  ${model_id}  ${refused === undefined ? `at ${provider_id}` : `refused: ${refused}`}`)
    }
    output.line()
    output.line('plugins')
    for (const { kind, name, source } of plugins) output.line(`  ${kind} ${name}  from ${source}`)
    return EXIT_CODE.done
  } finally {
    await session.close()
  }
}

/** Which provider the sources would be sent to, or why to none. */
function embeddingOf(session: Session) {
  try {
    const model = embeddingModel(session)
    return model && { model_id: model.modelId, provider_id: model.provider.provider_id, refused: undefined }
  } catch (error) {
    if (!(error instanceof CloudEmbeddingRefused)) throw error
    return { model_id: error.modelId, provider_id: undefined, refused: error.reason }
  }
}

function tierOf(provider: ProviderConfig): string {
  const decision = effectiveTier(provider, { model_id: provider.default_model_id }, deriveTier)
  return decision.accepted ? decision.tier : `refused (${decision.reason})`
}

/** What its server says of the default model. A cloud server is never asked: that would be a byte nobody consented to. */
async function readiness({ probeModel }: Session, provider: ProviderConfig): Promise<string> {
  if (!provider.enabled) return 'disabled'
  const { state, reason } = await probeModel(provider, provider.default_model_id)
  return state === 'error' && reason !== undefined ? reason : state.replaceAll('_', ' ')
}
