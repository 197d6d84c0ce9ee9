import { segmentsOf } from '../../calls/call-segments.ts'
import { compareCalls, type NamedChange } from '../../calls/compare-calls.ts'
import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { openStoredSession } from '../../session/stored-session.ts'

/** `ctxlock diff <call> <call>`: what the later of two calls showed the model otherwise, by segment, source and rule. */
export function diffCalls(before: string, after: string, context: CommandContext<GlobalOptions>): number {
  const { output } = context
  const session = openStoredSession(workspaceOf(context), process.env)
  try {
    const [old, now] = [before, after].map((name) => segmentsOf(session, session.calls.find(name)))
    if (!old || !now) throw new TypeError('two names give two calls')
    const difference = compareCalls(old, now)
    output.result({ ok: true, ...difference })
    const { segments, sources, rules, reordered } = difference
    if (segments.length === 0)
      output.line(reordered ? 'the same segments in another order' : 'both calls showed the model the same')
    for (const [kind, changes] of Object.entries({ segment: segments, source: sources, rule: rules })) {
      for (const change of changes) output.line(changeLine(kind, change))
    }
    return EXIT_CODE.done
  } finally {
    session.close()
  }
}

function changeLine(kind: string, { name, change, before, after }: NamedChange): string {
  const hashes = [before, after].map((hash) => hash?.slice(0, 12) ?? '-').join(' → ')
  return `${kind.padEnd(8)} ${change.padEnd(8)} ${name}  ${hashes}`
}
