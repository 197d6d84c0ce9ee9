import { InvalidArgumentError, Option, type Command } from 'commander'

import { repeatable, type CommandLine } from './command-line.ts'
import { positiveInteger } from './numbers.ts'

/** What calls a model. */
export function callCommands({ command }: CommandLine): void {
  callOptions(
    command(
      'ask <question>',
      'make one governed call over the sources and check its quotations',
      'ctxlock ask "How are sources hashed?"',
      async () => (await import('../commands/ask.ts')).ask,
    ),
  )
    .addOption(frozenOption())
    .addOption(repeatable('--file <path>', 'make sure this file is among the sources'))

  callOptions(
    command(
      'run <task-file>',
      'take a task file through its micro-tasks to a checked result',
      'ctxlock run tasks/review.json',
      async () => (await import('../commands/run.ts')).run,
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
      async () => (await import('../commands/rerun.ts')).rerun,
    ),
  ).addOption(
    repeatable('--without <candidate>', 'leave this candidate out, and all that shows its lines').argParser(candidates),
  )
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
  return [...earlier, value]
}
