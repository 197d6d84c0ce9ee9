import { PUBLIC_KEY, type CommandLine } from './command-line.ts'

/** What was recorded: shown, explained, made again, checked. */
export function recordCommands({ command }: CommandLine): void {
  command(
    'show <call>',
    'print exactly the bytes that were sent, after checking their hash',
    'ctxlock show last',
    async () => (await import('../commands/record/show.ts')).show,
  ).option('--definitions', 'of a run instead: its generated micro-tasks, the generator and the hash of the task')

  command(
    'replay <run>',
    'make the requests of a recorded run again from their sources, without sending, and name the first field that differs',
    'ctxlock replay last',
    async () => (await import('../commands/record/replay.ts')).replay,
  ).option('--against <workspace>', 'also say which sources of the run are other ones there')

  command(
    'why <call-or-path>',
    'say why a call saw what it saw, or why a file is, or is not, in what a model sees',
    'ctxlock why src/index.ts',
    async () => (await import('../commands/record/why.ts')).why,
  )

  command(
    'why-miss <call>',
    "name the first segment of a call's prompt that changed, from which on a provider's prompt cache could not hit",
    'ctxlock why-miss last',
    async () => (await import('../commands/record/why-miss.ts')).whyMiss,
  )

  command(
    'verify',
    'check the log, the objects, the bindings and the receipts',
    'ctxlock verify',
    async () => (await import('../commands/record/verify.ts')).verify,
  ).option(PUBLIC_KEY.flag, PUBLIC_KEY.insteadOfOwn)

  command(
    'prove <event>',
    'write a file that proves one event of the log to whoever has its public key',
    'ctxlock prove 12',
    async () => (await import('../commands/record/prove.ts')).prove,
  )
    .option('--output <file>', 'where to write it; event-<n>.tlog-proof, if left out')
    .option(PUBLIC_KEY.flag, PUBLIC_KEY.insteadOfOwn)

  command(
    'verify-proof <file>',
    'check such a proof with nothing but the public key',
    "ctxlock verify-proof event-12.tlog-proof --key '<public key>'",
    async () => (await import('../commands/record/verify-proof.ts')).verifyProof,
  ).requiredOption(PUBLIC_KEY.flag, PUBLIC_KEY.needed)

  command(
    'report <run>',
    'write one page about a run that checks itself and opens without a server; no prompt and no reply is in it',
    'ctxlock report last',
    async () => (await import('../commands/record/report.ts')).report,
  )
    .option('--output <file>', 'where to write it; report-<run>.html, if left out')
    .option(PUBLIC_KEY.flag, PUBLIC_KEY.insteadOfOwn)
    .option(
      '--checkpoint <file>',
      'prove the events in the tree of this checkpoint, which whoever reads the report has',
    )
}
