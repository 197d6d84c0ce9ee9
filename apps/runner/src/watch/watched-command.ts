import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Output } from '../output/output.ts'
import { startFileWatcher } from './file-watcher.ts'
import { openWorkspaceChanges, type WorkspaceChanges } from './workspace-changes.ts'

export interface WatchOptions extends GlobalOptions {
  readonly watch?: boolean
}

type Command<Options> = (args: readonly string[], context: CommandContext<Options>) => Promise<number>

/**
 * A command that runs again with `--watch` whenever the workspace may have changed, until Ctrl-C (exit 130). What it says is
 * printed when it differs from what it said before, so a touched file shows nothing. `isNeeded` is asked before every run but
 * the first.
 */
export function watchedCommand<Options extends WatchOptions>(
  command: Command<Options>,
  isNeeded: (root: string) => Promise<boolean> = async () => true,
): Command<Options> {
  return async (args, context) => {
    if (context.options.watch !== true) return command(args, context)
    const root = workspaceOf(context)
    const interrupt = new AbortController()
    const onInterrupt = () => interrupt.abort()
    process.once('SIGINT', onInterrupt)
    const changes = openWorkspaceChanges({
      root,
      timers: nodeEnvironment.timers,
      startWatcher: startFileWatcher,
      signal: interrupt.signal,
    })
    try {
      await repeat(
        changes,
        interrupt.signal,
        context.output,
        (output) => command(args, { ...context, output }),
        () => isNeeded(root),
      )
      return EXIT_CODE.cancelled
    } finally {
      process.off('SIGINT', onInterrupt)
      changes.close()
    }
  }
}

/** Runs until the signal is aborted. The first run may throw: a command that cannot even start is no watch. */
export async function repeat(
  changes: WorkspaceChanges,
  signal: AbortSignal,
  output: Output,
  run: (output: Output) => Promise<number>,
  isNeeded: () => Promise<boolean>,
): Promise<void> {
  let said = await spoken(run)
  said.print(output)
  while (await changed(changes, signal)) {
    // An error that is mended is unsaid, whether or not there is something to do.
    const now = await spokenAgain(run, said.isError ? async () => true : isNeeded)
    if (now === undefined || now.text === said.text) continue
    said = now
    said.print(output)
  }
}

async function changed(changes: WorkspaceChanges, signal: AbortSignal): Promise<boolean> {
  try {
    await changes.next()
    return true
  } catch (error) {
    if (signal.aborted) return false
    throw error
  }
}

interface Spoken {
  readonly text: string
  readonly isError: boolean
  print(output: Output): void
}

async function spoken(run: (output: Output) => Promise<number>, isError = false): Promise<Spoken> {
  const parts: ((output: Output) => void)[] = []
  const texts: string[] = []
  await run({
    json: false,
    progress() {},
    line(text = '') {
      texts.push(text)
      parts.push((output) => output.line(text))
    },
    event(value) {
      parts.push((output) => output.event(value))
    },
    result(value) {
      texts.push(JSON.stringify(value))
      parts.push((output) => output.result(value))
    },
  })
  return { isError, text: texts.join('\n'), print: (output) => parts.forEach((part) => part(output)) }
}

/** A config that is being edited is wrong for a moment: that is said, and the watch goes on. */
async function spokenAgain(
  run: (output: Output) => Promise<number>,
  isNeeded: () => Promise<boolean>,
): Promise<Spoken | undefined> {
  try {
    return (await isNeeded()) ? await spoken(run) : undefined
  } catch (error) {
    const { asCommandError } = await import('../failure/failure.ts')
    const { code, message, hint, exit } = asCommandError(error)
    return spoken(async (output) => {
      output.result({ ok: false, error: { code, message, exit, hint } })
      output.line(`error: ${message}`)
      if (hint) output.line(`  ${hint}`)
      return exit
    }, true)
  }
}
