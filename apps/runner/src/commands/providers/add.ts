import type { ProviderConfig } from '@ctxlock/contracts/provider'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import {
  effectiveTier,
  GovernanceError,
  parseProviders,
  type ProviderRegistry,
  type RegistryOptions,
} from '@ctxlock/governance'
import type { Registry } from '@ctxlock/plugin-api'
import { deriveTier, keyNames, mayHoldKey } from '@ctxlock/provider-kit'

import { CommandError } from '../../command-error.ts'
import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { networkExceptionRecorder } from '../../providers/network-exception.ts'
import { entryOf, noModels, withServedModels } from '../../providers/new-entry.ts'
import { knownKinds, loadPlugins } from '../../providers/plugins.ts'
import { createProviderDirectory } from '../../providers/provider-directory.ts'
import { keepRegistry } from '../../providers/registry-record.ts'
import { openSession, type Session } from '../../session/session.ts'
import { editConfig } from '../../workspace/config-edit.ts'
import { loadConfig } from '../../workspace/config-file.ts'
import type { ResolvedConfig } from '../../workspace/default-config.ts'

interface AddOptions extends GlobalOptions {
  readonly url: string
  readonly kind?: string
  readonly model: readonly string[]
  readonly keyEnv?: string
  readonly allowHost: readonly string[]
}

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * `ctxlock providers add`: writes an entry into the config after every check of the registry. Asks a local server for its
 * models when none is named, and nobody else anything.
 */
export async function addProvider([id = '']: readonly string[], context: CommandContext<AddOptions>): Promise<number> {
  const { output, options } = context
  if (!VARIABLE_NAME.test(options.keyEnv ?? 'none')) throw notAVariable()
  const root = workspaceOf(context)
  const session = await openSession({ root, variables: process.env })
  try {
    const plugins = await loadPlugins(root, session.config.plugins)
    const checks = { redactor: session.redactor, kinds: knownKinds(plugins, session.config) }
    const said = entryOf({
      id,
      url: options.url,
      models: options.model,
      privateHosts: options.allowHost,
      ...(options.kind !== undefined && { kind: options.kind }),
      ...(options.keyEnv !== undefined && { keyVariable: options.keyEnv }),
    })
    // Before anybody is asked: an entry that would be refused sends nothing.
    registryWith(session.config, said, checks)
    const tier = tierOf(said)
    const entry = await judged(session, plugins, said, { tier, namesModels: options.model.length > 0 })
    addEntry(session, entry, checks)
    output.result({ ok: true, added: entry.provider_id, tier, provider: { ...entry, secret_ref: undefined } })
    output.line(`added ${id}: ${entry.kind} at ${entry.base_url ?? ''}, ${tier}, model ${entry.default_model_id}`)
    if (options.keyEnv !== undefined && !mayHoldKey(entry.base_url, options.keyEnv))
      output.line(
        `the key of this host is read from ${keyNames(entry.base_url)?.join(' or ')} only: rename the variable`,
      )
    output.line()
    output.line(nextStep(entry, tier))
    return EXIT_CODE.done
  } finally {
    await session.close()
  }
}

/** The config is read again inside the transaction, so that two commands at once do not both add the same. */
function addEntry({ root, state }: Session, entry: ProviderConfig, checks: RegistryOptions): void {
  inTransaction(state.database, () => {
    const { config, listsProviders } = loadConfig(root)
    const registry = registryWith(config, entry, checks)
    // What a config leaves out is the embedded provider; an entry beside it must not take its place.
    const change = listsProviders
      ? { path: ['providers', -1], value: entry }
      : { path: ['providers'], value: [...config.providers, entry] }
    editConfig(root, [change])
    keepRegistry(state.folder, registry)
  })
}

/** Every check of the registry over the entries with the new one behind them. */
function registryWith({ providers }: ResolvedConfig, entry: ProviderConfig, checks: RegistryOptions): ProviderRegistry {
  try {
    return parseProviders([...providers, entry], checks)
  } catch (error) {
    if (!(error instanceof GovernanceError)) throw error
    const problems = error.problems.map((problem) => problem.replace(`providers.${providers.length}.`, ''))
    throw new CommandError(
      {
        exit: EXIT_CODE.usage,
        code: error.code,
        message: `the provider cannot be added: ${problems.join('; ')}`,
        hint: 'Nothing was written.',
      },
      { cause: error },
    )
  }
}

/** The tier by which the egress will judge the entry too: what it would refuse is not written. */
function tierOf(entry: ProviderConfig): 'local' | 'cloud' {
  const decision = effectiveTier(entry, { model_id: entry.default_model_id }, deriveTier)
  if (decision.accepted) return decision.tier
  const hints = [HINTS.get(decision.reason), exceptionHint(entry)].filter((hint) => hint !== undefined)
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: decision.code,
    message: `the provider ${entry.provider_id} is refused: ${decision.reason}`,
    hint: hints.join(' ') || 'No exception makes this address usable; give that of the server itself.',
  })
}

const HINTS: ReadonlyMap<string, string> = new Map([
  ['base_url', 'Give the base URL of its server, with http or https, a plain host, and nothing after the path.'],
  ['scheme', 'A cloud provider is called by https only.'],
  [
    'port',
    'Another port than 443 stands in `network.allow_ports` of a cloud provider: write the entry into the config by hand.',
  ],
])

/** Only where listing the host makes the entry usable. */
function exceptionHint(entry: ProviderConfig): string | undefined {
  const url = URL.parse(entry.base_url ?? '')
  const authority = `${url?.hostname}:${url?.port || (url?.protocol === 'https:' ? 443 : 80)}`
  const network = { ...entry.network, allow_private_hosts: [authority] }
  const { accepted } = deriveTier({ ...entry, declared_tier: 'local', network })
  return accepted ? `If that host is in your own network, say so with --allow-host ${authority}.` : undefined
}

/** What was given may be the key itself, so it is not repeated. */
function notAVariable(): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'KEY_VARIABLE_INVALID',
    message: '--key-env expects the name of an environment variable; what came is none',
    hint: 'Put the key into a variable and give its name; a key never stands in the config.',
  })
}

/**
 * The entry as its plugin takes it, with the models of its server where nobody named any. A client is made in any case: what refuses the
 * base URL or the options is not written, and making one sends nothing.
 */
async function judged(
  session: Session,
  plugins: Registry,
  entry: ProviderConfig,
  { tier, namesModels }: { readonly tier: 'local' | 'cloud'; readonly namesModels: boolean },
): Promise<ProviderConfig> {
  if (tier === 'cloud' && !namesModels) throw noModels(entry, 'a cloud server is not asked without consent')
  const directory = createProviderDirectory({
    plugins,
    environment: session.environment,
    variables: process.env,
    onNetworkException: networkExceptionRecorder(session),
  })
  try {
    const client = await directory.client(entry)
    return namesModels ? entry : await withServedModels(entry, client)
  } finally {
    await directory.close()
  }
}

function nextStep({ default_model_id }: ProviderConfig, tier: 'local' | 'cloud'): string {
  return tier === 'local'
    ? `next       ctxlock ask --model ${default_model_id} "…", or name it in \`profiles\` for every run`
    : `next       name ${default_model_id} in a profile that allows cloud escalation; nothing is sent without consent`
}
