import type { PluginCandidate } from './registry.ts'

/**
 * The plugins among a module's exports: every value that has an `apiVersion`, by export name and each once, since it may also be
 * the default export, as `module.exports` always is. A module without any gives one candidate that the registry will report, so
 * that a wrong package name in a config does not go unnoticed.
 */
export function exportedPlugins(source: string, module: object): readonly PluginCandidate[] {
  const plugins = Object.keys(module)
    .toSorted()
    .map((name): unknown => Reflect.get(module, name))
    .filter((value) => typeof value === 'object' && value !== null && 'apiVersion' in value)
  if (plugins.length === 0) return [{ source, plugin: undefined }]
  return [...new Set(plugins)].map((plugin) => ({ source, plugin }))
}
