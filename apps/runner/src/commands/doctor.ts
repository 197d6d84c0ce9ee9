import { runView, type RunView } from '../executor/run-view.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { consentLine, runJson } from '../output/run-lines.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { withRuns } from './open-runs.ts'
import { workspaceOf } from './workspace-of.ts'

const LOOKED_AT = 1000

/** `ctxlock doctor`: what is stuck, why, and the exact next command; exit 4 when something waits for somebody. */
export function doctor(_: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const { output } = context
  return withRuns(workspaceOf(context), async ({ session, engine }) => {
    const open = await engine.list({ states: ['pending', 'running', 'waiting', 'failed'], limit: LOOKED_AT })
    const stuck = open.map((run) => runView(session.state, run)).filter(({ state }) => state !== 'running')
    output.result({ ok: stuck.length === 0, stuck: stuck.map((view) => ({ ...runJson(view), why: whyStuck(view) })) })
    for (const view of stuck) {
      output.line(`${view.runId.slice(0, 8)}   ${whyStuck(view)}`)
      output.line(`           ${view.next.join(', or ')}`)
    }
    if (stuck.length === 0) output.line('nothing is stuck')
    return stuck.length === 0 ? EXIT_CODE.done : EXIT_CODE.needsPerson
  })
}

function whyStuck({ state, parent, consents, gate, error }: RunView): string {
  const [consent] = consents
  if (consent) return `waits ${consentLine(consent)}${parent === undefined ? '' : `, child of ${parent.slice(0, 8)}`}`
  if (gate) return `waits for a person at ${gate.mtId}: ${gate.why}`
  if (state === 'interrupted') return 'the process that worked on it is gone'
  if (state === 'waiting') return 'waits for a decision'
  return `failed: ${error ?? 'no reason is on record'}`
}
