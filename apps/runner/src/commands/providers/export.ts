import { exportRegistry } from '@ctxlock/governance'

import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { knownKinds, loadPlugins } from '../../providers/plugins.ts'
import { registryRecordState } from '../../providers/registry-record.ts'
import { openLookingSession } from '../../session/looking-session.ts'

/** `ctxlock providers export`: the registry fit for a report; no secret, no name of one, no value of an option (PROV-028). */
export async function exportProviders(_: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const { output } = context
  const root = workspaceOf(context)
  const session = await openLookingSession(root, process.env)
  try {
    const { registry, redactor, state } = session
    const kinds = knownKinds(await loadPlugins(root, session.config.plugins), session.config)
    const exported = {
      schema_version: 'ctxlock.provider_export@1',
      registry_hash: registry.hash,
      /** How it stands to what was in force when something was last recorded. */
      recorded: registryRecordState(state.folder, registry, { redactor, kinds }),
      providers: exportRegistry(registry, ({ name }) => (process.env[name] ?? '') !== ''),
    }
    output.result(exported)
    output.line(JSON.stringify(exported, null, 2))
    return EXIT_CODE.done
  } finally {
    await session.close()
  }
}
