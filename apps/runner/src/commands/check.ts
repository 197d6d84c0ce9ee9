import type { LockfileCheck } from '@ctxlock/context-pack'
import type { Lockfile } from '@ctxlock/contracts/lockfile'

import type { ReportedChange } from '../changes/change-report.ts'
import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import { changeLines } from '../output/change-lines.ts'
import { matchesLine, printUnchanged } from '../output/unchanged.ts'
import { openCheckMemory } from '../remembered/check-memory.ts'
import { checkAndRemember } from '../remembered/observed-check.ts'
import { hasWaivers } from '../waivers/waiver-file.ts'
import { loadConfig } from '../workspace/config-file.ts'

export interface CheckOptions extends GlobalOptions {
  /** Changed lines shown of one file. */
  readonly lines?: number
}

/** `ctxlock check`: names every source, rule, role and task that differs from the lockfile; exit 3 when one does. */
export async function check(
  _: readonly string[],
  { output, ...context }: CommandContext<CheckOptions>,
): Promise<number> {
  const root = workspaceOf(context)
  const memory = openCheckMemory(root, process.env)
  const { lockfile, check: found, counts, isUnchanged } = await checkAndRemember(root, memory, output.progress)
  const waivers = await reportedWaivers(root)
  if (isUnchanged) {
    printUnchanged(output, counts, waivers.json)
    for (const line of waivers.lines) output.line(line)
    return EXIT_CODE.done
  }
  const sources = await reportedSources(root, lockfile, found, context.options.lines)
  const exit: ExitCode = found.status === 'matches' ? EXIT_CODE.done : EXIT_CODE.stale
  output.result({ ok: exit === EXIT_CODE.done, exit, ...found, sources, ...waivers.json })
  for (const line of [...changeLines(found, sources), ...waivers.lines]) output.line(line)
  if (found.status === 'matches') output.line(matchesLine(counts))
  else output.line('next       ctxlock diff shows what that means for a model; ctxlock lock accepts it')
  return exit
}

/** What waivers are worth now. They state nothing that a model sees, so that none of them makes a check fail. */
async function reportedWaivers(root: string) {
  if (!hasWaivers(root)) return { json: {}, lines: [] }
  const [{ standingJson, standingLine }, { waiversNow }] = await Promise.all([
    import('../waivers/waiver-standing.ts'),
    import('../waivers/workspace-waivers.ts'),
  ])
  const waivers = waiversNow(root, loadConfig(root).config)
  return { json: { waivers: waivers.map(standingJson) }, lines: waivers.map(standingLine) }
}

/** The changed sources with reasons and lines. What that needs is loaded only when something changed. */
export async function reportedSources(
  root: string,
  lockfile: Lockfile,
  check: LockfileCheck,
  linesPerFile = 20,
): Promise<ReportedChange[]> {
  if (check.sources.length === 0) return []
  const { reportChanges } = await import('../changes/change-report.ts')
  return reportChanges(lockfile, check, { root, linesPerFile })
}
