import { setFlagsFromString } from 'node:v8'

import { builtInExtractors } from '@ctxlock/context-pack'
import type { Extractor } from '@ctxlock/contracts/extractor'
import type { Environment } from '@ctxlock/contracts/ports'
import { languageExtractors } from '@ctxlock/extractor-languages'
import type { Registry } from '@ctxlock/plugin-api'

import { offlineContext } from '../providers/offline-context.ts'
import { pluginsRefused, wordsOf } from '../providers/plugins-refused.ts'
import { startPlugin } from '../providers/start-plugin.ts'

// The lexer of a grammar is one huge function. V8's optimising compiler takes hundreds of megabytes for it and is seldom done
// before the files are: locking 8,000 files took 840 MB with it and takes 340 without, in less time.
for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering', '--liftoff-only']) setFlagsFromString(flag)
// A thread lives for seconds: collecting type feedback from the first call on makes its code fast sooner, a tenth in all.
setFlagsFromString('--no-lazy-feedback-allocation')
// The last tier of the compiler is for code that runs for long: what it costs comes back after several thousand files only.
setFlagsFromString('--invocation-count-for-turbofan=60000')
// What a file leaves behind is garbage soon: letting the young generation grow takes 40 MB more and saves no time.
setFlagsFromString('--semi-space-growth-factor=1')
// The same for the old one: collected when it has grown by a third, locking 8,000 files takes 60 MB less in the same time.
setFlagsFromString('--heap-growing-percent=35')

/** Asked in this order, the first that matches reads the file: those of plugins by name, then ours. Throws `PLUGINS_INVALID`. */
export async function sessionExtractors(plugins: Registry, environment: Environment): Promise<readonly Extractor[]> {
  const names = plugins.list().flatMap(({ kind, name }) => (kind === 'extractor' ? [name] : []))
  const context = offlineContext(environment)
  const foreign = await Promise.all(
    names.map(async (name) =>
      named(name, await startPlugin(plugins, { kind: 'extractor', name, options: {} }, context)),
    ),
  )
  return [...foreign, ...builtInExtractors, ...languageExtractors]
}

/** An extractor whose `matches` and `prepare` fail in the name of its plugin; what `extract` throws is a refusal of the file. */
function named(plugin: string, extractor: Extractor): Extractor {
  const failed = (method: string, error: unknown) =>
    pluginsRefused(`\`${method}\` of the extractor ${plugin} failed: ${wordsOf(error)}`, error)
  return {
    name: extractor.name,
    version: extractor.version,
    matches(path) {
      try {
        return extractor.matches(path)
      } catch (error) {
        throw failed('matches', error)
      }
    },
    async prepare() {
      try {
        await extractor.prepare?.()
      } catch (error) {
        throw failed('prepare', error)
      }
    },
    extract: (text, path) => extractor.extract(text, path),
  }
}

/** The same for a command that needs no provider: nothing of plugins is loaded when the config names none. */
export async function configuredExtractors(
  root: string,
  pluginNames: readonly string[],
  environment: Environment,
): Promise<readonly Extractor[]> {
  if (pluginNames.length === 0) return [...builtInExtractors, ...languageExtractors]
  const { loadPlugins } = await import('../providers/plugins.ts')
  return sessionExtractors(await loadPlugins(root, pluginNames, new Set()), environment)
}
