import type { GateAnswer } from '@ctxlock/contracts/micro-task-iteration'

import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { openRunControls } from '../executor/run-controls.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { withRuns } from '../run/open-runs.ts'
import { answerGate } from './answer-gate.ts'
import { resume } from './resume.ts'

/**
 * `ctxlock continue`, `skip` and `abort`: a person's decision at the gate a run waits at, and on with the run. While a process
 * works on the run, `skip` is heard there when its iteration is finished.
 */
export function decide(decision: GateAnswer['decision']) {
  return async ([name = '']: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> => {
    const { output } = context
    const decided = await withRuns(workspaceOf(context), async (runs) => {
      const { runId, state } = await runs.find(name)
      if (decision === 'skip' && state === 'running') {
        openRunControls(runs.session.state.database).ask(runId, 'skip')
        return { runId, goesOn: false }
      }
      await answerGate(runs, runId, decision)
      return { runId, goesOn: true }
    })
    if (decided.goesOn) return resume([decided.runId], context)
    output.result({ ok: true, run_id: decided.runId, requested: decision })
    output.line(`asked      ${decided.runId} skips its micro-task when the iteration is finished`)
    return EXIT_CODE.done
  }
}
