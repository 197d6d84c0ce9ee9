import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'

import { EXIT_CODE } from '../exit-code.ts'
import { finishWithClosedOutput } from '../output/closed-output.ts'
import { isInGit } from '../git/repository.ts'
import { printLock } from '../output/lock-report.ts'
import { createOutput, type Output } from '../output/output.ts'
import { workspaceLines } from '../output/workspace-lines.ts'
import { printUnchanged } from '../output/unchanged.ts'
import { LOCKFILE, WAIVERS_FILE } from '../workspace/committed-files.ts'
import { findWorkspaceRoot } from '../workspace/workspace-root.ts'
import { openCheckMemory } from './check-memory.ts'
import { rememberedAnswer } from './remembered-answer.ts'
import type { RememberedCheck } from './remembered-check.ts'

/** Prints what the command would say; undefined where that is not remembered. */
type Answer = ((output: Output) => void) | undefined

const ANSWERS: Readonly<Record<string, (known: RememberedCheck, root: string) => Promise<Answer>>> = {
  check: answerOfCheck,
  lock: answerOfLock,
}

/**
 * `ctxlock check` and `ctxlock lock` where they would find nothing changed: prints the remembered answer and returns the exit
 * code. Undefined for any other command or option and at any doubt; then nothing has been printed and the command itself runs,
 * which alone reports changes and errors.
 */
export async function quickCommand(
  [command = '', ...options]: readonly string[],
  openMemory: typeof openCheckMemory = openCheckMemory,
): Promise<number | undefined> {
  const answerOf = Object.hasOwn(ANSWERS, command) ? ANSWERS[command] : undefined
  if (!answerOf || options.some((option) => option !== '--json')) return undefined
  try {
    const root = findWorkspaceRoot(undefined, process.cwd())
    // Whether a waiver still holds depends on the day.
    if (existsSync(join(root, WAIVERS_FILE))) return undefined
    const memory = openMemory(root, process.env)
    const known = memory && (await rememberedAnswer(root, memory))
    const print = known && (await answerOf(known, root))
    if (!print) return undefined
    finishWithClosedOutput()
    print(createOutput(options.length > 0))
    return EXIT_CODE.done
  } catch {
    return undefined
  }
}

async function answerOfCheck({ counts }: RememberedCheck): Promise<Answer> {
  return (output) => printUnchanged(output, counts)
}

/** The lockfile is the one that was built, and its packs are all there: building it again would write nothing. */
async function answerOfLock({ lock }: RememberedCheck, root: string): Promise<Answer> {
  if (!lock || lstatSync(join(root, LOCKFILE)).isSymbolicLink()) return undefined
  const { storedPacksOf } = await import('./stored-packs.ts')
  return storedPacksOf(root) === lock.packs
    ? (output) => printLock(output, lock.report, { workspace: workspaceLines(root, undefined), isInGit: isInGit(root) })
    : undefined
}
