import type { LockfileCheck } from '@ctxlock/context-pack'

import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import { checkWorkspace } from '../lock/workspace-check.ts'
import { readLockfile } from '../lock/lockfile-file.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { workspaceOf } from './workspace-of.ts'

/** `ctxlock check`: names every source, rule, role and task that differs from the lockfile; exit 3 when one does. */
export async function check(
  _: readonly string[],
  { output, ...context }: CommandContext<GlobalOptions>,
): Promise<number> {
  const root = workspaceOf(context)
  const lockfile = readLockfile(root)
  const result = await checkWorkspace(root, lockfile, output.progress)
  const exit: ExitCode = result.status === 'matches' ? EXIT_CODE.done : EXIT_CODE.stale
  output.result({ ok: exit === EXIT_CODE.done, exit, ...result })
  for (const line of changeLines(result)) output.line(line)
  if (result.status === 'matches')
    output.line(
      `${lockfile.sources.length} sources, ${lockfile.rules.length} rules and ${lockfile.tasks.length} tasks are what the lockfile says`,
    )
  else output.line('next       ctxlock diff shows what that means for a model; ctxlock lock accepts it')
  return exit
}

/** One line for each difference, with the old and the new hash in full. */
export function changeLines({ sources, roles, rules, tasks, builder, status }: LockfileCheck): string[] {
  const hashes = (change: { readonly old_hash?: string; readonly new_hash?: string }) =>
    [
      change.old_hash === undefined ? '' : `old ${change.old_hash}`,
      change.new_hash === undefined ? '' : `new ${change.new_hash}`,
    ]
      .filter(Boolean)
      .join('  ')
  return [
    ...sources.map((change) => `${change.change.padEnd(8)} ${change.path}  ${hashes(change)}`),
    ...rules.map(
      (change) =>
        `${change.change.padEnd(8)} rule ${change.name} of ${change.role} (${change.source})  ${hashes(change)}`,
    ),
    ...roles.map((change) => `${change.change.padEnd(8)} role pack ${change.name}  ${hashes(change)}`),
    ...tasks.map((change) => `${change.change.padEnd(8)} task ${change.name}  ${hashes(change)}`),
    ...(builder
      ? [
          `${status === 'builder_changed' ? 'builder only' : 'builder'}: ${builder.old.tool_version}/${builder.old.config_hash.slice(0, 12)} is now ${builder.new.tool_version}/${builder.new.config_hash.slice(0, 12)}`,
        ]
      : []),
  ]
}
