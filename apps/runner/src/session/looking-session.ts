import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { hasState } from '../workspace/state-place.ts'
import { checkNotLost } from '../workspace/state.ts'
import { openSession, type Session } from './session.ts'

/** For commands that only say how things stand: where nothing is recorded they leave nothing behind. */
export async function openLookingSession(root: string, variables: NodeJS.ProcessEnv): Promise<Session> {
  if (hasState(root)) return openSession({ root, variables })
  checkNotLost(root)
  const stateRoot = mkdtempSync(join(tmpdir(), 'ctxlock-look-'))
  const remove = () => rmSync(stateRoot, { recursive: true, force: true })
  try {
    const session = await openSession({ root, stateRoot, variables })
    return { ...session, close: () => session.close().finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}
