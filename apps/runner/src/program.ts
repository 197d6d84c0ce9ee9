import { InvalidArgumentError, Option, type Command } from 'commander'

import { collect, createCommandLine } from './command-line/command-line.ts'
import { consentCommands } from './command-line/consent-commands.ts'
import { exportCommands } from './command-line/export-commands.ts'
import { erasureCommands } from './command-line/erasure-commands.ts'
import { portNumber, positiveInteger, wholeNumber } from './command-line/numbers.ts'
import { profileCommands } from './command-line/profile-commands.ts'
import { providerCommands } from './command-line/provider-commands.ts'
import { runCommands } from './command-line/run-commands.ts'

/** Builds the command line. Commands are imported when they run, so that `--help` stays quick. */
export function createProgram(outcome: { exit: number }): Command {
  const line = createCommandLine(outcome)
  const { program, command } = line

  command(
    'init',
    'write ctxlock.config.json from what is found here',
    'ctxlock init',
    async () => (await import('./commands/init.ts')).init,
  )
    .option('--force', 'replace an existing config')
    .option(
      '--convention <name>',
      'let these rules bind calls too: agents-md, claude-md, cursor-rules, skill:<name>, or all that are found; may be given again',
      collect,
      [],
    )

  command(
    'lock',
    'build the lockfile: what a model will see, by hash',
    'ctxlock lock --task tasks/review.json',
    async () => (await import('./watch/watched-lock.ts')).watchedLock,
  )
    .option('--watch', 'build it again whenever a source changes')
    .option('--task <file>', 'also lock this task; may be given again', collect, [])

  command(
    'check',
    'refuse (exit 3) when a locked source changed, naming each',
    'ctxlock check',
    async () => (await import('./watch/watched-check.ts')).watchedCheck,
  )
    .option('--watch', 'check again whenever a source changes')
    .addOption(linesOption())

  command(
    'diff [old] [new]',
    'show what changed in what a model sees: since the lockfile, between two lockfiles, or between two calls',
    'ctxlock diff --base main',
    async () => (await import('./commands/diff.ts')).diff,
  )
    .option('--base <revision>', 'compare the lockfile of this git revision with the one here')
    .addOption(linesOption())

  command(
    'scan [paths...]',
    'show which sources hold injection patterns, and how likely they end a job',
    'ctxlock scan docs',
    async () => (await import('./commands/scan.ts')).scan,
  )

  command(
    'waive <path>',
    'at a terminal: hold the hits in one source harmless, in exactly these bytes and for a while',
    'ctxlock waive docs/guide.md --reason "our own guide" --approver "A. Person" --expires 2027-01-31',
    async () => (await import('./commands/waive.ts')).waive,
  )
    .option('--reason <text>', 'why they are harmless')
    .option('--approver <name>', 'who says so')
    .option('--expires <day>', 'the first day on which the waiver no longer holds, YYYY-MM-DD, within a year')
    .option('--accept', 'stand behind the waiver that ctxlock.waivers.json has for this source, on this machine')

  callOptions(
    command(
      'ask <question>',
      'make one governed call over the sources and check its quotations',
      'ctxlock ask "How are sources hashed?"',
      async () => (await import('./commands/ask.ts')).ask,
    ),
  )
    .addOption(frozenOption())
    .option('--file <path>', 'make sure this file is among the sources; may be given again', collect, [])

  callOptions(
    command(
      'run <task-file>',
      'take a task file through its micro-tasks to a checked result',
      'ctxlock run tasks/review.json',
      async () => (await import('./commands/run.ts')).run,
    ),
  )
    .addOption(frozenOption())
    .option('--allow-unsandboxed', 'let verification commands run where nothing can keep them from network and files')
    .option('--resume <run>', 'go on with an interrupted run: finished micro-tasks are not repeated')

  callOptions(
    command(
      'rerun <run>',
      'make the calls of a recorded run again in a new one, without what ended it',
      'ctxlock rerun last --without 01a7dd0fdeada882',
      async () => (await import('./commands/rerun.ts')).rerun,
    ),
  ).option(
    '--without <candidate>',
    'leave this candidate out, and all that shows its lines; may be given again',
    candidates,
    [],
  )

  runCommands(line)
  consentCommands(line)

  command(
    'show <call>',
    'print exactly the bytes that were sent, after checking their hash',
    'ctxlock show last',
    async () => (await import('./commands/show.ts')).show,
  ).option('--definitions', 'of a run instead: its generated micro-tasks, the generator and the hash of the task')

  command(
    'replay <run>',
    'make the requests of a recorded run again from their sources, without sending, and name the first field that differs',
    'ctxlock replay last',
    async () => (await import('./commands/replay.ts')).replay,
  ).option('--against <workspace>', 'also say which sources of the run are other ones there')

  command(
    'why <call-or-path>',
    'say why a call saw what it saw, or why a file is, or is not, in what a model sees',
    'ctxlock why src/index.ts',
    async () => (await import('./commands/why.ts')).why,
  )

  command(
    'why-miss <call>',
    "name the first segment of a call's prompt that changed, from which on a provider's prompt cache could not hit",
    'ctxlock why-miss last',
    async () => (await import('./commands/why-miss.ts')).whyMiss,
  )

  command(
    'verify',
    'check the log, the objects, the bindings and the receipts',
    'ctxlock verify',
    async () => (await import('./commands/verify.ts')).verify,
  ).option('--key <public key>', 'the public key of the log, or a file that holds it, instead of your own')

  command(
    'prove <event>',
    'write a file that proves one event of the log to whoever has its public key',
    'ctxlock prove 12',
    async () => (await import('./commands/prove.ts')).prove,
  )
    .option('--output <file>', 'where to write it; event-<n>.tlog-proof, if left out')
    .option('--key <public key>', 'the public key of the log, or a file that holds it, instead of your own')

  command(
    'verify-proof <file>',
    'check such a file with nothing but the public key',
    "ctxlock verify-proof event-12.tlog-proof --key '<public key>'",
    async () => (await import('./commands/verify-proof.ts')).verifyProof,
  ).requiredOption('--key <public key>', 'the public key of the log, or a file that holds it')

  command(
    'report <run>',
    'write one page about a run that checks itself and opens without a server; no prompt and no reply is in it',
    'ctxlock report last',
    async () => (await import('./commands/report.ts')).report,
  )
    .option('--output <file>', 'where to write it; report-<run>.html, if left out')
    .option('--key <public key>', 'the public key of the log, or a file that holds it, instead of your own')
    .option(
      '--checkpoint <file>',
      'prove the events in the tree of this checkpoint, which whoever reads the report has',
    )

  exportCommands(line)
  erasureCommands(line)
  providerCommands(line)
  profileCommands(line)

  command(
    'console',
    'show runs, calls and what waits for a person in a browser, on this machine only',
    'ctxlock console',
    async () => (await import('./commands/console.ts')).consoleCommand,
  )
    .option('--port <number>', 'listen on this port instead of a free one', portNumber)
    .option('--no-open', 'only print the address')

  command(
    'try <what>',
    'see on your own files that a lock is the same everywhere, and what one edit does (lock), what would leave this machine (egress), or what the record of a task says and how it answers to being altered (blackbox)',
    'ctxlock try lock',
    async () => (await import('./commands/try.ts')).tryCommand,
  ).option(
    '--yes',
    'do not ask: make the edit in a temporary copy; give both answers to the sink on loopback; alter a copy of the log',
  )

  command(
    'mcp',
    'serve packs, lockfile and record to an MCP client over stdin and stdout',
    'ctxlock mcp --read-only',
    async () => (await import('./commands/mcp.ts')).mcp,
  ).option('--read-only', 'offer no tool that writes')

  return program
}

function linesOption(): Option {
  return new Option('--lines <count>', 'changed lines shown of one file (20)').argParser(wholeNumber)
}

function callOptions(command: Command): Command {
  return command
    .option('--model <id>', 'use this model of a configured provider for every role')
    .option('--stream', 'stream the answer')
    .option('--max-tokens <count>', 'longest answer in tokens', positiveInteger)
    .addOption(
      new Option('--stale <handling>', 'when a required fresh pack cannot be made').choices([
        'fallback',
        'degrade_and_fallback',
        'fail',
      ]),
    )
    .option('--require-fresh', 'demand a fresh pack for every pack that is used')
    .option('--no-regenerate', 'do not rebuild a stale pack')
}

function frozenOption(): Option {
  return new Option('--frozen', 'refuse (exit 3) to send anything that is not as the lockfile states it')
}

function candidates(value: string, earlier: readonly string[]): readonly string[] {
  if (!/^[0-9a-f]{8,32}$/.test(value))
    throw new InvalidArgumentError('expected the id of a candidate, or at least its first 8 digits')
  return collect(value, earlier)
}
