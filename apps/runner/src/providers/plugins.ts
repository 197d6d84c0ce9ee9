import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { createRegistry, exportedPlugins, PluginError, type PluginCandidate, type Registry } from '@ctxlock/plugin-api'

import type { ResolvedConfig } from '../workspace/default-config.ts'
import { pluginsRefused, wordsOf } from './plugins-refused.ts'

interface BuiltIn {
  readonly kind: string
  readonly load: () => Promise<PluginCandidate>
}

// Imported only when a provider of their kind is configured: an HTTP client takes longer to load than a small answer.
const BUILT_IN: readonly BuiltIn[] = [
  {
    kind: 'extractive',
    load: async () => ({
      source: '@ctxlock/provider-extractive',
      plugin: (await import('@ctxlock/provider-extractive')).extractivePlugin,
    }),
  },
  {
    kind: 'ollama',
    load: async () => ({
      source: '@ctxlock/provider-ollama',
      plugin: (await import('@ctxlock/provider-ollama')).ollamaPlugin,
    }),
  },
  {
    kind: 'openai_compat',
    load: async () => ({
      source: '@ctxlock/provider-openai-compat',
      plugin: (await import('@ctxlock/provider-openai-compat')).openAiCompatPlugin,
    }),
  },
]

/** Loads the built-in plugins of the given kinds (all, if left out) and the plugins the config names, and checks every one. */
export async function loadPlugins(
  root: string,
  names: readonly string[],
  kinds?: ReadonlySet<string>,
): Promise<Registry> {
  // A kind that is not built in comes from a plugin, or is a mistake whose message should name all there are.
  const known = kinds !== undefined && [...kinds].every((wanted) => BUILT_IN.some(({ kind }) => kind === wanted))
  const builtIn = BUILT_IN.filter(({ kind }) => !known || kinds.has(kind))
  const candidates = [...(await Promise.all(builtIn.map(({ load }) => load()))), ...(await importAll(root, names))]
  try {
    return createRegistry(candidates)
  } catch (error) {
    if (!(error instanceof PluginError)) throw error
    throw pluginsRefused(error.message, error)
  }
}

/**
 * The file a plugin that the config names is loaded from, as an `import` in the workspace would find it: most packages have no
 * entry for `require`. Throws what Node throws for one that is not installed.
 */
export function pluginFile(root: string, name: string): string {
  const parentURL = pathToFileURL(join(root, 'package.json')).href
  const hooks = registerHooks({ resolve: (specifier, context, next) => next(specifier, { ...context, parentURL }) })
  try {
    return fileURLToPath(import.meta.resolve(name))
  } finally {
    hooks.deregister()
  }
}

/** Kinds of disabled entries were not loaded; they are still known names. */
export function knownKinds(plugins: Registry, { providers }: Pick<ResolvedConfig, 'providers'>): ReadonlySet<string> {
  const disabled = providers.filter(({ enabled }) => !enabled).map(({ kind }) => kind)
  const loaded = plugins.list().flatMap(({ kind, name }) => (kind === 'provider' ? [name] : []))
  return new Set([...loaded, ...disabled])
}

async function importAll(root: string, names: readonly string[]): Promise<PluginCandidate[]> {
  const broken: string[] = []
  const candidates: PluginCandidate[] = []
  for (const name of names) {
    try {
      const module: object = await import(pathToFileURL(pluginFile(root, name)).href)
      candidates.push(...exportedPlugins(name, module))
    } catch (error) {
      broken.push(`${name} (${wordsOf(error)})`)
    }
  }
  if (broken.length > 0) throw pluginsRefused(`these could not be imported: ${broken.join(', ')}`)
  return candidates
}
