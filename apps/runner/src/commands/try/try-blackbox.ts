import type { CommandContext } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { chosenAlterations, scriptedAlterations } from '../../try/blackbox/alterations.ts'
import { blackboxTrial } from '../../try/blackbox/blackbox-trial.ts'
import { WHAT_IT_DOES_NOT_PROVE } from '../../try/blackbox/report.ts'
import { withScratchFolder } from '../../try/scratch-folder.ts'
import type { TryOptions } from './try-options.ts'

/**
 * `ctxlock try blackbox`: a task on the visitor's own files with a forced change of model, a poisoned file and a waived quotation of
 * one; then the record of it, which the visitor may alter, and its replay without a network. Exits with 7 when any of it did not
 * come out as it has to.
 */
export async function tryBlackbox(context: CommandContext<TryOptions>): Promise<number> {
  const { output, options } = context
  const root = workspaceOf(context)
  return withScratchFolder(root, async (scratch, signal) => {
    output.line(`trying     ${root}: nothing is written there, nothing is sent anywhere`)
    const asks = options.yes !== true && !output.json && process.stdin.isTTY && process.stdout.isTTY
    const { ok, ...trial } = await blackboxTrial({
      root,
      scratch,
      signal,
      say: (line) => output.line(line),
      alterations: asks ? (events) => chosenAlterations(events, process.stdin, process.stdout) : scriptedAlterations,
    })
    output.line()
    for (const line of WHAT_IT_DOES_NOT_PROVE) output.line(line)
    const exit = ok ? EXIT_CODE.done : EXIT_CODE.verificationFailed
    output.result({ ok, exit, ...trial, does_not_prove: WHAT_IT_DOES_NOT_PROVE.slice(1).map((line) => line.trim()) })
    return exit
  })
}
