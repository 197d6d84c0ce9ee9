import { Command, Option } from 'commander'

import { EXIT_CODE_MEANINGS } from '../exit-code.ts'
import { createOutput } from '../output/output.ts'
import { RUNNER_VERSION } from '../version.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'

/** What the commands of the program are declared with. */
export type CommandLine = ReturnType<typeof createCommandLine>

/** The program without a command. `outcome` gets the exit code of the one that runs. */
export function createCommandLine(outcome: { exit: number }) {
  const program: Command = new Command('ctxlock')
    .description('A lockfile for what a model sees.')
    .version(RUNNER_VERSION)
    .exitOverride()
    .showHelpAfterError('  `ctxlock --help` lists the commands.')
    .addHelpText(
      'after',
      `\nExit codes:\n${EXIT_CODE_MEANINGS.map(([code, meaning]) => `  ${code}  ${meaning}`).join('\n')}`,
    )
    .addHelpText('before', ({ error }) => {
      const [command, name] = program.args
      return error && command === 'help' && name !== undefined ? `error: unknown command '${name}'\n` : ''
    })

  function command<Options extends GlobalOptions>(
    nameAndArguments: string,
    description: string,
    example: string,
    load: () => Promise<(args: readonly string[], context: CommandContext<Options>) => Promise<number>>,
    parent: { readonly group: Command; readonly isDefault?: boolean } = { group: program },
  ): Command {
    const declared = parent.group.command(nameAndArguments, { isDefault: parent.isDefault === true })
    // A misspelt command of the group comes to the default one as its argument.
    if (parent.isDefault) declared.allowExcessArguments()
    return described(declared, description, example).action(async (...received: unknown[]) => {
      const self = received.at(-1)
      if (!(self instanceof Command)) throw new TypeError('commander passes the command last')
      if (parent.isDefault && self.args.length > self.registeredArguments.length) refuseExcess(parent.group, self)
      // The group a command belongs to takes what they share, wherever it is written.
      const options = self.optsWithGlobals<Options>()
      const run = await load()
      outcome.exit = await run(
        self.processedArgs.flat().filter((argument) => typeof argument === 'string'),
        {
          options,
          output: createOutput(options.json === true),
          workspace: options.workspace,
        },
      )
    })
  }

  /** A word in front of several commands, the default one among them. */
  function group(name: string, description: string, example: string): Command {
    return described(program.command(name), description, example)
  }

  return { program, command, group }
}

/** What every command and group says and takes. */
function described(command: Command, description: string, example: string): Command {
  return command
    .description(description)
    .exitOverride()
    .showHelpAfterError(`  For example \`${example}\`; \`${pathOf(command)} --help\` lists what it takes.`)
    .option('--json', 'print JSON instead of text; the last line is the result')
    .option(
      '--workspace <folder>',
      'the folder with the sources (default: the nearest one upwards with a config, a lockfile or .git)',
    )
    .addHelpText('after', `\nExample:\n  ${example}`)
}

/** Throws as commander does: for words too many, or, with what was probably meant, for a command that the group does not have. */
function refuseExcess(group: Command, self: Command): never {
  const [word = ''] = group.args
  if (word === self.name()) self.error(`error: too many arguments for '${word}'`)
  const names = group.commands.map((command) => command.name())
  const choices = new Command(pathOf(group))
    .exitOverride()
    .showHelpAfterError(`  \`${pathOf(group)}\` takes ${names.join(', ')}.`)
  for (const name of names) choices.command(name)
  choices.parse([word], { from: 'user' })
  throw new TypeError('commander refuses a command it does not know')
}

/** A command as it is typed, with the groups it belongs to. */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()
}

/** How every command that takes the public key of a log names and describes it. */
export const PUBLIC_KEY = {
  flag: '--key <public key>',
  needed: 'the public key of the log, or a file that holds it',
  insteadOfOwn: 'the public key of the log, or a file that holds it, instead of your own',
} as const

/** An option that may be given again; its value is a list. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be given again`)
    .argParser((value: string, earlier: readonly string[]) => [...earlier, value])
    .default([], 'none')
}
