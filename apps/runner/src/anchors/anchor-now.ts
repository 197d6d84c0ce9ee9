import { nodeEnvironment } from '../environment/node-environment.ts'
import type { StoredSession } from '../session/stored-session.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { openAnchors } from './log-anchors.ts'
import { openLogSigner } from './log-signer.ts'

/** Signs and anchors a log nobody is writing: before it is handed on. Codes: LOG_KEY_UNAVAILABLE, those of `anchorLog`. */
export async function anchorNow(
  { root, state }: StoredSession,
  config: ResolvedConfig,
  variables: NodeJS.ProcessEnv,
): Promise<void> {
  const anchors = await openAnchors({ root, stateFolder: state.folder, environment: nodeEnvironment }, config)
  const signer = openLogSigner({ database: state.database, anchors, timers: nodeEnvironment.timers, variables })
  try {
    await signer.anchor()
  } finally {
    await signer.close()
  }
}
