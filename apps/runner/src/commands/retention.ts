import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { finishErasures } from '../erasure/carry-out.ts'
import { enforceRetention } from '../erasure/enforce-retention.ts'
import { isEmptyPlan, planErasure } from '../erasure/erasure-plan.ts'
import { planJson, planLines } from '../erasure/plan-lines.ts'
import { daysBefore, retentionScope } from '../erasure/retention-scope.ts'
import { sealLog } from '../erasure/seal-log.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { counted } from '../output/counted.ts'
import { recordedRun } from '../run/recorded-run.ts'
import { openSession } from '../session/session.ts'
import { checkRecorded } from '../session/stored-session.ts'

interface RetentionOptions extends GlobalOptions {
  readonly dryRun?: boolean
}

/**
 * `ctxlock retention`: erases what is older than the config and the profiles have it kept, and payloads whose time is over; moves old
 * ranges of the log into files.
 */
export async function retention(_: readonly string[], context: CommandContext<RetentionOptions>): Promise<number> {
  const { options, output } = context
  const root = workspaceOf(context)
  checkRecorded(root)
  const session = await openSession({ root, variables: process.env })
  try {
    const now = session.environment.clock.now()
    if (options.dryRun !== true) await finishErasures(session)
    const scope = retentionScope(session, now)
    const plan = planErasure(session, scope, true)
    output.line(`older than ${scope.olderThan}`)
    for (const line of planLines(plan)) output.line(line)
    const about = { ok: true, exit: EXIT_CODE.done, older_than: scope.olderThan, ...planJson(plan) }
    if (options.dryRun === true) {
      output.result({ ...about, purged: 0, sealed: 0, expired: 0 })
      output.line('nothing was erased')
      return EXIT_CODE.done
    }
    return await recordedRun(session, 'retention', async ({ runId }) => {
      const purged = isEmptyPlan(plan) ? 0 : await enforceRetention(session, plan, scope.olderThan, runId)
      const sealed = await sealLog(session, daysBefore(now, session.config.recorder.sealDays), runId)
      const expired = session.vault?.removeExpired().removed ?? 0
      output.result({ ...about, purged, sealed, expired })
      output.line(
        `erased     ${counted(purged, 'event')}${purged === 0 ? '' : '; an event of the log says which and why'}`,
      )
      output.line(`sealed     ${counted(sealed, 'event')}${sealed === 0 ? '' : ' into .ctxlock/log/segment'}`)
      output.line(`expired    ${counted(expired, 'payload')} of the vault`)
      return EXIT_CODE.done
    })
  } finally {
    await session.close()
  }
}
