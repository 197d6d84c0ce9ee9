import { repeatable, type CommandLine } from './command-line.ts'

/** `ctxlock providers …` */
export function providerCommands({ command, group }: CommandLine): void {
  const providers = group('providers', 'list, add, test and export the providers of models', 'ctxlock providers')
  command(
    'list',
    'list providers and plugins with tier and readiness, without secrets',
    'ctxlock providers list --offline',
    async () => (await import('../commands/providers/list.ts')).listProviders,
    { group: providers, isDefault: true },
  ).option('--offline', 'do not ask the servers whether they are ready')
  command(
    'add <id>',
    'add a provider to ctxlock.config.json, after checking the entry',
    'ctxlock providers add near --url http://127.0.0.1:8080/v1',
    async () => (await import('../commands/providers/add.ts')).addProvider,
    { group: providers },
  )
    .requiredOption('--url <url>', 'where its server is; decides whether it counts as local or cloud')
    .option('--kind <kind>', 'the plugin that speaks its wire (what usually listens there, else openai_compat)')
    .addOption(repeatable('--model <id>', 'a model it serves, the default one first; a local server is asked'))
    .option('--key-env <variable>', 'the name of the environment variable that holds its key, never the key')
    .addOption(repeatable('--allow-host <host:port>', 'a private host it may be on'))
  command(
    'test <id>',
    'ask a local provider for its health, its models and one token, and report what it said',
    'ctxlock providers test near',
    async () => (await import('../commands/providers/test.ts')).testProvider,
    { group: providers },
  ).option('--model <id>', "the model to ask (default: the provider's own)")
  command(
    'export',
    'print the provider registry without secrets and their names, as JSON',
    'ctxlock providers export > providers.json',
    async () => (await import('../commands/providers/export.ts')).exportProviders,
    { group: providers },
  )
}
