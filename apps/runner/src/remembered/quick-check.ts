import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { EXIT_CODE } from '../exit-code.ts'
import { finishWithClosedOutput } from '../output/closed-output.ts'
import { createOutput } from '../output/output.ts'
import { printUnchanged } from '../output/unchanged.ts'
import { WAIVERS_FILE } from '../workspace/committed-files.ts'
import { findWorkspaceRoot } from '../workspace/workspace-root.ts'
import { openCheckMemory } from './check-memory.ts'
import { rememberedAnswer } from './remembered-answer.ts'

/**
 * `ctxlock check` where the answer is remembered: prints it and returns the exit code. Undefined for any other option and at
 * any doubt; then nothing has been printed and the command itself runs, which alone reports changes and errors.
 */
export async function quickCheck(
  args: readonly string[],
  openMemory: typeof openCheckMemory = openCheckMemory,
): Promise<number | undefined> {
  if (args.some((option) => option !== '--json')) return undefined
  try {
    const root = findWorkspaceRoot(undefined, process.cwd())
    // Whether a waiver still holds depends on the day.
    if (existsSync(join(root, WAIVERS_FILE))) return undefined
    const memory = openMemory(root, process.env)
    const counts = memory && (await rememberedAnswer(root, memory))
    if (!counts) return undefined
    finishWithClosedOutput()
    printUnchanged(createOutput(args.length > 0), counts)
    return EXIT_CODE.done
  } catch {
    return undefined
  }
}
