import { Option } from 'commander'

import { repeatable, type CommandLine } from './command-line.ts'
import { wholeNumber } from './numbers.ts'

/** The lockfile, and what a person says about the sources in it. */
export function lockCommands({ command }: CommandLine): void {
  command(
    'lock',
    'build the lockfile: what a model will see, by hash',
    'ctxlock lock --task tasks/review.json',
    async () => (await import('../watch/watched-lock.ts')).watchedLock,
  )
    .option('--watch', 'build it again whenever a source changes')
    .addOption(repeatable('--task <file>', 'also lock this task'))

  command(
    'check',
    'refuse (exit 3) when a locked source changed, naming each',
    'ctxlock check',
    async () => (await import('../watch/watched-check.ts')).watchedCheck,
  )
    .option('--watch', 'check again whenever a source changes')
    .addOption(linesOption())

  command(
    'diff [old] [new]',
    'show what changed in what a model sees: since the lockfile, between two lockfiles, or between two calls',
    'ctxlock diff --base main',
    async () => (await import('../commands/diff.ts')).diff,
  )
    .option('--base <revision>', 'compare the lockfile of this git revision with the one here')
    .addOption(linesOption())

  command(
    'scan [paths...]',
    'show which sources hold injection patterns, and how likely they end a job',
    'ctxlock scan docs',
    async () => (await import('../commands/scan.ts')).scan,
  )

  command(
    'waive <path>',
    'at a terminal: hold the hits in one source harmless, in exactly these bytes and for a while',
    'ctxlock waive docs/guide.md --reason "our own guide" --approver "A. Person" --expires 2027-01-31',
    async () => (await import('../commands/waive.ts')).waive,
  )
    .option('--reason <text>', 'why they are harmless')
    .option('--approver <name>', 'who says so')
    .option('--expires <day>', 'the first day on which the waiver no longer holds, YYYY-MM-DD, within a year')
    .option('--accept', 'stand behind the waiver that ctxlock.waivers.json has for this source, on this machine')
}

function linesOption(): Option {
  return new Option('--lines <count>', 'changed lines shown of one file (20)').argParser(wholeNumber)
}
