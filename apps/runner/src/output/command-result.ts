import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'

/** Runs a command for its `--json` result, which somebody else hands on; nothing is printed. */
export async function commandResult<Options extends GlobalOptions>(
  command: (args: readonly string[], context: CommandContext<Options>) => Promise<number>,
  workspace: string,
  options: Options,
  args: readonly string[] = [],
): Promise<Record<string, unknown>> {
  let result: object = {}
  await command(args, {
    options,
    workspace,
    output: { json: true, line() {}, event() {}, progress() {}, result: (value) => (result = value) },
  })
  return { ...result }
}
