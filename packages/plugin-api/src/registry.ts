import type { PluginContext, PluginKind, PluginPorts } from '@ctxlock/contracts/plugin'
import type { ChatEncoder } from '@ctxlock/contracts/provider'
import type { StandardSchemaV1 } from '@standard-schema/spec'

import type { Plugin } from './plugin.ts'
import { PluginError } from './plugin-error.ts'
import type { PluginIssue } from './plugin-error.ts'
import { isPlugin, pluginFaults } from './plugin-shape.ts'
import { portFaults } from './port-shape.ts'

/** A value that claims to be a plugin, and where it came from. */
export interface PluginCandidate {
  /** For people: a package name or a path as the config writes it. */
  readonly source: string
  readonly plugin: unknown
}

export interface PluginSummary {
  readonly kind: PluginKind
  readonly name: string
  readonly source: string
}

export interface Registry {
  /** Every plugin, by kind and name. Starts none. */
  list(): readonly PluginSummary[]
  has(kind: PluginKind, name: string): boolean
  /**
   * Validates the options, starts the plugin and looks whether what it returned is a port of its kind. Throws `UNKNOWN_PLUGIN`,
   * `INVALID_OPTIONS` and `INVALID_PORT`, and whatever the plugin's `create` throws.
   */
  create<Kind extends PluginKind>(
    kind: Kind,
    name: string,
    options: unknown,
    context: PluginContext,
  ): Promise<PluginPorts[Kind]>
  /** Validates the options and gives the provider's wire form, without starting it; undefined where the plugin has none. Throws `UNKNOWN_PLUGIN` and `INVALID_OPTIONS`. */
  encoder(provider: string, options: unknown): Promise<ChatEncoder | undefined>
}

/**
 * Checks every candidate and keeps them by kind and name. Throws `INVALID_PLUGINS` with everything that is wrong with any
 * of them: not a plugin, made for another API version, a name taken twice.
 */
export function createRegistry(candidates: readonly PluginCandidate[]): Registry {
  const issues: PluginIssue[] = []
  const plugins = new Map<string, { readonly plugin: Plugin; readonly source: string }>()
  for (const { source, plugin } of candidates) {
    if (!isPlugin(plugin)) {
      issues.push(...pluginFaults(plugin).map((message) => ({ plugin: source, message })))
      continue
    }
    const taken = plugins.get(key(plugin.kind, plugin.name))
    if (taken)
      issues.push({ plugin: source, message: `the ${plugin.kind} "${plugin.name}" already comes from ${taken.source}` })
    else plugins.set(key(plugin.kind, plugin.name), { plugin, source })
  }
  if (issues.length > 0) throw new PluginError('INVALID_PLUGINS', `${issues.length} problem(s) with plugins:`, issues)

  const find = (kind: PluginKind, name: string): Plugin => {
    const entry = plugins.get(key(kind, name))
    if (entry) return entry.plugin
    const known = [...plugins.values()].filter(({ plugin }) => plugin.kind === kind).map(({ plugin }) => plugin.name)
    const message = `no such ${kind}; there ${known.length === 0 ? 'are none' : `is ${known.toSorted().join(', ')}`}`
    throw new PluginError('UNKNOWN_PLUGIN', 'A plugin is not registered:', [{ plugin: `${kind} ${name}`, message }])
  }

  return {
    list: () =>
      [...plugins.values()]
        .map(({ plugin: { kind, name }, source }) => ({ kind, name, source }))
        .toSorted((left, right) => (key(left.kind, left.name) < key(right.kind, right.name) ? -1 : 1)),
    has: (kind, name) => plugins.has(key(kind, name)),
    async create<Kind extends PluginKind>(kind: Kind, name: string, options: unknown, context: PluginContext) {
      const plugin = find(kind, name)
      if (!isKind(plugin, kind)) throw new TypeError('a plugin is filed under another kind')
      // A plugin that is not written in TypeScript may return a promise of its port.
      const port = await Promise.resolve(plugin.create(await validOptions(plugin, options), context))
      const faults = portFaults(kind, port).map((message) => ({ plugin: `${kind} ${name}`, message }))
      if (faults.length > 0) throw new PluginError('INVALID_PORT', 'A plugin started and cannot be used:', faults)
      return port
    },
    async encoder(provider, options) {
      const plugin = find('provider', provider)
      return plugin.encoder?.(await validOptions(plugin, options))
    },
  }
}

function key(kind: PluginKind, name: string): string {
  return `${kind}/${name}`
}

function isKind<Kind extends PluginKind>(plugin: Plugin, kind: Kind): plugin is Plugin<Kind> {
  return plugin.kind === kind
}

/** The options as the plugin's schema returns them; defaults filled in, unknown fields refused where the schema does so. */
async function validOptions({ kind, name, options: schema }: Plugin, options: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(options)
  if (!result.issues) return result.value
  const issues = result.issues.slice(0, 20).map((issue) => ({ plugin: `${kind} ${name}`, message: issueText(issue) }))
  throw new PluginError('INVALID_OPTIONS', 'The options of a plugin are not valid:', issues)
}

/** Where and why; the schema is foreign code, so its words are cut to one line. */
function issueText({ path = [], message }: StandardSchemaV1.Issue): string {
  const place = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.')
  const text = message.replace(/\s+/g, ' ').slice(0, 200)
  return place === '' ? text : `${place}: ${text}`
}
