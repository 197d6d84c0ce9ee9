import { once } from 'node:events'

import { consoleFolder } from '../console/console-folder.ts'
import { readAssets } from '../console/assets.ts'
import { serveConsole } from '../console/serve-console.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { workspaceOf } from './workspace-of.ts'

interface ConsoleOptions extends GlobalOptions {
  readonly port?: number
  readonly open?: boolean
}

/** `ctxlock console`: the record of this workspace in a browser, until Ctrl-C. */
export async function consoleCommand(_: readonly string[], context: CommandContext<ConsoleOptions>): Promise<number> {
  const { output, options } = context
  const served = await serveConsole({
    root: workspaceOf(context),
    assets: readAssets(consoleFolder(output)),
    port: options.port ?? 0,
  })
  output.event({ url: served.entryUrl })
  output.line(`console    ${served.entryUrl}`)
  output.line('           opens once, within ten minutes; Ctrl-C ends the console')
  await once(process, 'SIGINT')
  await served.close()
  return EXIT_CODE.done
}
