import type { LockfileCheck, NamedChange } from '@ctxlock/context-pack'

import type { ReportedChange } from '../changes/change-report.ts'

/** Every difference for a person: one line with the old and the new hash in full, and below it what is known about it. */
export function changeLines(
  { rules, roles, tasks, guards, excluded, builder, status }: LockfileCheck,
  sources: readonly ReportedChange[],
): string[] {
  return [
    ...sources.flatMap(sourceLines),
    ...rules.map((change) => named(change, `rule ${change.name} of ${change.role} (${change.source})`)),
    ...roles.map((change) => named(change, `role pack ${change.name}`)),
    ...tasks.map((change) => named(change, `task ${change.name}`)),
    ...guards.map((change) => named(change, `guard ${change.name}`)),
    ...excluded.map(
      ({ path, old_reason, new_reason }) =>
        `left out ${path}  ${old_reason ?? 'not there'} → ${new_reason ?? 'not there, or a source'}`,
    ),
    ...(builder
      ? [
          `${status === 'builder_changed' ? 'builder only' : 'builder'}: ${builder.old.tool_version}/${builder.old.config_hash.slice(0, 12)} is now ${builder.new.tool_version}/${builder.new.config_hash.slice(0, 12)}`,
        ]
      : []),
  ]
}

function named(change: NamedChange, name: string): string {
  return `${change.change.padEnd(8)} ${name}  ${hashes(change)}`
}

function sourceLines(change: ReportedChange): string[] {
  const details = [
    ...(change.from === undefined ? [] : [`from ${change.from}; the content is the same`]),
    ...factLines('mode', change.old_mode, change.new_mode),
    ...factLines('symlink', change.old_link, change.new_link),
    ...(change.why === undefined ? [] : [change.why.detail]),
    ...(change.unstable ? ['it changed again while it was compared'] : []),
    ...(change.tasks.length === 0 ? [] : [`in scope of ${change.tasks.join(', ')}`]),
    ...lineDetails(change),
  ]
  return [
    `${change.change.padEnd(8)} ${change.path}  ${hashes(change)}`,
    ...details.map((detail) => `           ${detail}`),
  ]
}

/** A fact that differs, or that of a source that came or went; null is no symlink. */
function factLines(name: string, before: string | null | undefined, after: string | null | undefined): string[] {
  const sides = [before, after].filter((side) => side !== undefined).map((side) => side ?? 'a file of its own')
  return sides.length === 0 ? [] : [`${name}: ${sides.join(' → ')}`]
}

function lineDetails({ lines }: ReportedChange): string[] {
  if (lines === undefined) return []
  if (lines === null) return ['git does not have the locked text, so only the hashes can be compared']
  return [
    ...lines.form,
    ...lines.hunks.flatMap(({ header, lines: changed }) => [header, ...changed.map(visible)]),
    ...(lines.omitted > 0 ? [`… ${lines.omitted} more changed lines`] : []),
  ]
}

function hashes({ old_hash, new_hash }: Pick<ReportedChange, 'old_hash' | 'new_hash'>): string {
  const old = old_hash === undefined ? [] : [`old ${old_hash}`]
  return [...old, ...(new_hash === undefined ? [] : [`new ${new_hash}`])].join('  ')
}

/** Characters nobody sees could make a line read differently than it is; controls are shown by `Output.line`. */
function visible(line: string): string {
  return line.replace(/[\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
