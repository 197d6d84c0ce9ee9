import { resolve } from 'node:path'

import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { createWorkspaceReader } from '../../environment/workspace-reader.ts'
import { EXIT_CODE, type ExitCode } from '../../exit-code.ts'
import { replayJson } from '../../output/replay-json.ts'
import { replayLines } from '../../output/replay-lines.ts'
import { compareSources } from '../../replay/against.ts'
import { replayRun, type RunReplay } from '../../replay/replay-run.ts'
import { openRunIndex } from '../../session/run-index.ts'
import { openStoredSession } from '../../session/stored-session.ts'
import { findWorkspaceRoot } from '../../workspace/workspace-root.ts'

interface ReplayOptions extends GlobalOptions {
  /** Another workspace whose sources are compared with those of the run. */
  readonly against?: string
}

/** `ctxlock replay`: makes every request of a recorded run again, up to its bytes, and every decision; there is nothing to send with. */
export async function replay(
  [name = 'last']: readonly string[],
  context: CommandContext<ReplayOptions>,
): Promise<number> {
  const { options, output } = context
  const stored = openStoredSession(workspaceOf(context), process.env)
  try {
    const request = openRunIndex(stored.state.database, stored.artifacts).find(name)
    const replayed = await replayRun(stored, request, process.env)
    const against =
      options.against === undefined ? undefined : compareSources(replayed.recordings, workspaceAt(options.against))
    const exit = exitOf(replayed)
    output.result({ ok: exit === EXIT_CODE.done, exit, ...replayJson(replayed, against) })
    for (const line of replayLines(replayed, against)) output.line(line)
    return exit
  } finally {
    stored.close()
  }
}

function workspaceAt(folder: string) {
  return createWorkspaceReader(findWorkspaceRoot(resolve(folder), process.cwd()))
}

function exitOf({ calls, decisions, unasked }: RunReplay): ExitCode {
  if (calls.some(({ status }) => status === 'source_missing')) return EXIT_CODE.stale
  const isSame = calls.every(({ status }) => status === 'same') && decisions.first === null && unasked.length === 0
  return isSame ? EXIT_CODE.done : EXIT_CODE.verificationFailed
}
