import { callBefore, reportedTokens } from '../../calls/call-before.ts'
import { segmentsOf } from '../../calls/call-segments.ts'
import { firstChange } from '../../calls/compare-calls.ts'
import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { openStoredSession } from '../../session/stored-session.ts'

/** `ctxlock why-miss`: the first piece of a call's prompt that the call before it did not have there; from it on no cache could help. */
export async function whyMiss(
  [name = 'last']: readonly string[],
  context: CommandContext<GlobalOptions>,
): Promise<number> {
  const { output } = context
  const session = openStoredSession(workspaceOf(context), process.env)
  try {
    const call = session.calls.find(name)
    const earlier = callBefore(session, call)
    const tokens = reportedTokens(session, call)
    const first = earlier && firstChange(segmentsOf(session, earlier), segmentsOf(session, call))
    const compared = earlier?.call_id ?? null
    output.result({ ok: true, call_id: call.call_id, compared_with: compared, tokens, first_change: first ?? null })
    output.line(`call       ${call.call_id}: model ${call.model_id} at ${call.provider_id}`)
    output.line(
      `cached     ${tokens.cached === null ? 'the provider did not say' : `${tokens.cached} of ${tokens.prompt ?? 0} prompt tokens`}`,
    )
    output.line(`compared   ${compared ?? 'no earlier call of this role to this model: there was nothing to hit'}`)
    if (!earlier) return EXIT_CODE.done
    output.line(
      first
        ? `first      ${first.change} ${first.name}: was ${first.before ?? 'not there'}, is ${first.after ?? 'not there'}`
        : 'first      nothing: both prompts are the same',
    )
    if (!first) output.line("           A miss then is the provider's: its cache expired, or another machine answered.")
    return EXIT_CODE.done
  } finally {
    session.close()
  }
}
