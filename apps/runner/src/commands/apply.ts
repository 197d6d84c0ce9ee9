import { applyPatch, checkRunEnded } from '../apply/apply-patch.ts'
import { planApply } from '../apply/apply-plan.ts'
import { blockedBy, blockedFile } from '../apply/apply-refusal.ts'
import { planJson, printPlan } from '../apply/apply-report.ts'
import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { openPatchIndex } from '../edits/run-patch.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { counted } from '../output/counted.ts'
import { inJob, startJob } from '../run/job.ts'
import { recordedRun } from '../run/recorded-run.ts'
import { openSession } from '../session/session.ts'
import { openStoredSession } from '../session/stored-session.ts'

interface ApplyOptions extends GlobalOptions {
  readonly check?: boolean
}

/** `ctxlock apply`: shows the patch of a finished run and writes it into the tree, unless a file of it changed meanwhile. */
export async function apply(
  [name = 'last']: readonly string[],
  context: CommandContext<ApplyOptions>,
): Promise<number> {
  const { output, options } = context
  const root = workspaceOf(context)
  const { patch, blocked } = showPlan(root, name, context)
  if (options.check === true) {
    if (blocked) throw blockedBy(blocked, false)
    return EXIT_CODE.done
  }
  const session = await openSession({ root, variables: process.env })
  try {
    const stored = openPatchIndex(session.state.database, session.artifacts).find(patch.run_id)
    const exit = await recordedRun(session, 'apply', async ({ runId }) => {
      checkRunEnded(session, patch.run_id)
      const job = startJob(session, stored.ref, [runId])
      return inJob(session, job, async () => {
        const replaced = applyPatch(session, job, runId, stored)
        output.line(
          replaced.length > 0 ? `applied    ${counted(replaced.length, 'file')}` : 'applied    nothing was left to do',
        )
        return EXIT_CODE.done
      })
    })
    output.result({ ok: true, run_id: patch.run_id, files: planJson(planApply(root, patch)) })
    return exit
  } finally {
    await session.close()
  }
}

/** Reads only: what the patch is, and what the tree is to it now. */
function showPlan(root: string, name: string, { output, options }: CommandContext<ApplyOptions>) {
  const session = openStoredSession(root, process.env)
  try {
    const { patch } = openPatchIndex(session.state.database, session.artifacts).find(name)
    const plan = planApply(root, patch)
    printPlan(output, patch, plan, Buffer.from(session.artifacts.get(patch.diff.content_hash)).toString('utf8'))
    const blocked = blockedFile(plan)
    if (options.check === true && !blocked) output.result({ ok: true, run_id: patch.run_id, files: planJson(plan) })
    return { patch, blocked }
  } finally {
    session.close()
  }
}
