import { once } from 'node:events'

import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { readAssets } from '../console/assets.ts'
import { openPage } from '../console/open-page.ts'
import { serveConsole } from '../console/serve-console.ts'
import { builtPages } from '../environment/built-pages.ts'
import { EXIT_CODE } from '../exit-code.ts'

interface ConsoleOptions extends GlobalOptions {
  readonly port?: number
  readonly open?: boolean
}

/** `ctxlock console`: the record of this workspace in a browser, until Ctrl-C. */
export async function consoleCommand(_: readonly string[], context: CommandContext<ConsoleOptions>): Promise<number> {
  const { output, options } = context
  const { entryUrl, close } = await serveConsole({
    root: workspaceOf(context),
    assets: readAssets(builtPages('console', output)),
    port: options.port ?? 0,
  })
  const isAsked = options.open !== false && !output.json && process.stdout.isTTY
  const removePage = isAsked ? openPage(entryUrl) : undefined
  try {
    output.event({ url: entryUrl })
    output.line(`console    ${entryUrl}`)
    output.line('           opens once, within ten minutes; Ctrl-C ends the console')
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    return EXIT_CODE.done
  } finally {
    removePage?.()
    await close()
  }
}
