import { parseLockfile, type LockfileCheck } from '@ctxlock/context-pack'

import { CommandError } from '../../command-error.ts'
import type { CommandContext } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { nodeEnvironment } from '../../environment/node-environment.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { checkWorkspace } from '../../lock/workspace-check.ts'
import { editCopy, editOutcome, waitForEdit } from '../../try/edit.ts'
import { lockVariations, type LockVariations } from '../../try/lock-variations.ts'
import { editLines, variationLines } from '../../try/report.ts'
import { withScratchFolder } from '../../try/scratch-folder.ts'
import { startFileWatcher } from '../../watch/file-watcher.ts'
import { openWorkspaceChanges } from '../../watch/workspace-changes.ts'
import type { TryOptions } from './try-options.ts'

/** `ctxlock try lock`: shows on the visitor's own tree that a lock is the same everywhere, and what one edit does to it. */
export async function tryLock(context: CommandContext<TryOptions>): Promise<number> {
  const { output, options } = context
  const root = workspaceOf(context)
  return withScratchFolder(root, async (scratch, signal) => {
    output.line(`trying     ${root}: nothing is written there, nothing is sent anywhere`)
    const tried = await lockVariations(root, scratch, signal)
    for (const line of variationLines(tried)) output.line(line)

    const lockfile = parseLockfile(tried.lock.text)
    if (!lockfile.sources.some((source) => 'pack' in source)) throw nothingToEdit()
    // A line for a person to act on needs a person: without a terminal the edit is made in the copy.
    const asks = options.yes !== true && !output.json && process.stdin.isTTY && process.stdout.isTTY
    const edited = asks ? root : tried.copy
    let check: LockfileCheck
    if (asks) {
      output.line()
      output.line('now        change any of these files and save it; Ctrl-C ends')
      const timers = nodeEnvironment.timers
      const changes = openWorkspaceChanges({ root, timers, startWatcher: startFileWatcher, signal })
      check = await waitForEdit(root, lockfile, changes).finally(() => changes.close())
    } else {
      editCopy(edited, lockfile)
      check = await checkWorkspace(edited, lockfile, () => {})
    }
    const edit = await editOutcome(check, tried.pristine, edited)
    for (const line of editLines(edit, asks)) output.line(line)
    const isIdentical = tried.variations.every(({ result }) => result !== 'different')
    const exit = isIdentical ? EXIT_CODE.done : EXIT_CODE.verificationFailed
    output.result({ ok: isIdentical, exit, ...summaryOf(tried), edit: edit ?? null })
    return exit
  })
}

function summaryOf({ lock, hash, variations }: LockVariations) {
  return { lock_sha256: hash, sources: lock.sources, packed: lock.packed, variations }
}

function nothingToEdit(): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'NO_SOURCES',
    message: 'no source could be packed here, so there is nothing to edit',
    hint: 'Run this in a folder with text files, or look at `sources` in the config.',
  })
}
