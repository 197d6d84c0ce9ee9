import { carryOut } from '../erasure/carry-out.ts'
import { isEmptyPlan, planErasure } from '../erasure/erasure-plan.ts'
import { enforceRetention } from '../erasure/enforce-retention.ts'
import { planJson, planLines } from '../erasure/plan-lines.ts'
import { retentionScope } from '../erasure/retention-scope.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { anchorRuns, recordedRun } from '../run/recorded-run.ts'
import { openSession } from '../session/session.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { workspaceOf } from './workspace-of.ts'

interface RetentionOptions extends GlobalOptions {
  readonly dryRun?: boolean
}

/** `ctxlock retention`: erases what is older than the config and the profiles have it kept, and payloads whose time is over. */
export async function retention(_: readonly string[], context: CommandContext<RetentionOptions>): Promise<number> {
  const { options, output } = context
  const session = await openSession({ root: workspaceOf(context), variables: process.env })
  try {
    if (options.dryRun !== true) {
      await anchorRuns(session)
      carryOut(session)
    }
    const scope = retentionScope(session, session.environment.clock.now())
    const plan = planErasure(session, scope, true)
    output.line(`older than ${scope.olderThan}`)
    for (const line of planLines(plan)) output.line(line)
    const expired = options.dryRun === true ? undefined : session.vault?.removeExpired()
    if (expired) output.line(`expired    ${expired.removed} payloads of the vault`)
    if (isEmptyPlan(plan) || options.dryRun === true) {
      output.result({ ok: true, exit: EXIT_CODE.done, purged: 0, older_than: scope.olderThan, ...planJson(plan) })
      output.line('nothing was erased')
      return EXIT_CODE.done
    }
    return await recordedRun(session, 'retention', async ({ runId }) => {
      const purged = await enforceRetention(session, plan, scope.olderThan, runId)
      output.result({ ok: true, exit: EXIT_CODE.done, purged, older_than: scope.olderThan, ...planJson(plan) })
      output.line(`erased     ${purged} events; an event of the log says which and why`)
      return EXIT_CODE.done
    })
  } finally {
    await session.close()
  }
}
