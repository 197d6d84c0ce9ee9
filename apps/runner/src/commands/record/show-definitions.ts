import { CommandError } from '../../command-error.ts'
import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { storedDefinitions } from '../../run/run-request.ts'
import { openRunIndex } from '../../session/run-index.ts'
import { openStoredSession } from '../../session/stored-session.ts'

/** `ctxlock show --definitions <run>`: the micro-tasks a run works off, what made them and from which packet (MT-002). */
export function showDefinitions(name: string, context: CommandContext<GlobalOptions>): number {
  const session = openStoredSession(workspaceOf(context), process.env)
  try {
    const request = openRunIndex(session.state.database, session.artifacts).find(name)
    const definitions = storedDefinitions(session, request)
    if (!definitions) throw noDefinitions(request.run_id)
    context.output.result({
      ok: true,
      run_id: request.run_id,
      definitions_hash: request.definitions?.content_hash,
      definitions,
    })
    context.output.line(JSON.stringify(definitions, undefined, 2))
    return EXIT_CODE.done
  } finally {
    session.close()
  }
}

function noDefinitions(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'DEFINITIONS_MISSING',
    message: `the run ${runId} has no micro-task definitions`,
    hint: 'Only runs of a task file have them; a question is one call. `ctxlock show last` shows its bytes.',
  })
}
