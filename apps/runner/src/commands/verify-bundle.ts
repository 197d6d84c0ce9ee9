import { readFileSync, statSync } from 'node:fs'

import { checkBundle, MAX_BUNDLE_BYTES, type BundleProblem } from '@ctxlock/flight-recorder/export'

import { readPublicKey } from '../anchors/stored-log.ts'
import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { bundleLines } from '../output/bundle-lines.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'

type VerifyBundleOptions = GlobalOptions & { readonly key: string; readonly anchor: readonly string[] }

/** `ctxlock verify-bundle`: checks an evidence bundle with nothing but the public key; needs no workspace. */
export async function verifyBundle(
  [file = '']: readonly string[],
  { output, options }: CommandContext<VerifyBundleOptions>,
): Promise<number> {
  const kept = options.anchor.map((path) => readGiven(path).toString('utf8'))
  const checked = checkBundle(readGiven(file), readPublicKey(options.key), kept)
  const exit = checked.ok ? EXIT_CODE.done : EXIT_CODE.verificationFailed
  output.result({ ...checked, exit })
  output.line(checked.ok ? 'The bundle holds.' : 'The bundle does not hold; nothing in it is to be believed.')
  for (const line of checked.problems.map(problemLine)) output.line(line)
  for (const line of bundleLines(checked)) output.line(line)
  for (const note of checked.ok ? (checked.head?.notes.slice(-3) ?? []) : []) output.line(note)
  return exit
}

function problemLine({ line, problem }: BundleProblem): string {
  return `line ${line}: ${problem.replaceAll('_', ' ')}`
}

function readGiven(file: string): Buffer {
  try {
    if (statSync(file).size <= MAX_BUNDLE_BYTES) return readFileSync(file)
  } catch (error) {
    throw unreadable(`${file} cannot be read`, error)
  }
  throw unreadable(`${file} is larger than ${MAX_BUNDLE_BYTES} bytes`)
}

function unreadable(message: string, cause?: unknown): CommandError {
  return new CommandError(
    { exit: EXIT_CODE.usage, code: 'BUNDLE_UNREADABLE', message, hint: 'Give the file that `ctxlock export` wrote.' },
    { cause },
  )
}
