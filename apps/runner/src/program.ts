import type { Command } from 'commander'

import { callCommands } from './command-line/call-commands.ts'
import { createCommandLine, repeatable } from './command-line/command-line.ts'
import { consentCommands } from './command-line/consent-commands.ts'
import { exportCommands } from './command-line/export-commands.ts'
import { erasureCommands } from './command-line/erasure-commands.ts'
import { lockCommands } from './command-line/lock-commands.ts'
import { portNumber } from './command-line/numbers.ts'
import { profileCommands } from './command-line/profile-commands.ts'
import { providerCommands } from './command-line/provider-commands.ts'
import { recordCommands } from './command-line/record-commands.ts'
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
    .addOption(
      repeatable(
        '--convention <name>',
        'let these rules bind calls too: agents-md, claude-md, cursor-rules, skill:<name>, or all that are found',
      ),
    )

  lockCommands(line)
  callCommands(line)
  runCommands(line)
  consentCommands(line)

  recordCommands(line)
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
    async () => (await import('./commands/try/try.ts')).tryCommand,
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
