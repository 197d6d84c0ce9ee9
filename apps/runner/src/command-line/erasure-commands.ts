import type { CommandLine } from './command-line.ts'

/** What makes the record forget. */
export function erasureCommands({ command }: CommandLine): void {
  command(
    'erase [call-or-run]',
    'delete for good what is kept of a call or a run, after an order to do so was recorded and signed; without a name: finish what was ordered',
    'ctxlock erase last --reason "asked for by the person concerned"',
    async () => (await import('../commands/erase.ts')).erase,
  )
    .option('--bodies', 'the texts and salts of its events too; their leaves stay in the tree')
    .option('--reason <text>', 'why; it is recorded and stays')
    .option('--dry-run', 'only show what would go')
    .option('--yes <plan>', 'confirm the plan with this hash, as --dry-run shows it')
  command(
    'retention',
    'erase what is older than `recorder.retention_days` and the floor of its profile, and payloads whose time is over',
    'ctxlock retention --dry-run',
    async () => (await import('../commands/retention.ts')).retention,
  ).option('--dry-run', 'only show what would go')
}
