import type { FlightEvent } from '@ctxlock/contracts/events'

import { embeddingConfig, type EmbeddingServer } from './embedding-server.ts'
import { Json } from './ctxlock.ts'
import { openedSession, recorded } from './governed-calls.ts'
import { ctxlockHere, type CommandResult } from './in-process.ts'
import { makeWorkspace } from './workspace.ts'

/** Shares no word with the file that answers it. */
export const QUESTION = 'Where do digests come from?'
const FILES = {
  'src/sum.ts': 'export const checksum = 1\n',
  'src/depot.ts': 'export const depot = 2\n',
  'notes/other.md': 'Nothing of interest.\n',
}

/** Three small files and a server that embeds them. */
export function embeddingWorkspace(
  server: Pick<EmbeddingServer, 'origin'>,
  config: Parameters<typeof embeddingConfig>[1] = {},
): string {
  return makeWorkspace({
    ...FILES,
    'ctxlock.config.json': embeddingConfig(server, { sources: { include: ['src', 'notes'] }, ...config }),
  })
}

export function ask(cwd: string, question = QUESTION): Promise<CommandResult> {
  return ctxlockHere(['ask', question], cwd)
}

export async function why(cwd: string): Promise<Json> {
  return new Json(JSON.parse((await ctxlockHere(['why', 'last', '--json'], cwd)).stdout))
}

export async function events<Type extends FlightEvent['type']>(cwd: string, type: Type) {
  return recorded(await openedSession(cwd), type)
}
