import { checkBundle, MAX_BUNDLE_BYTES, type BundleProblem } from '@ctxlock/flight-recorder/export'

import { readPublicKey } from '../../anchors/public-key.ts'
import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { bundleJson, bundleLines } from '../../output/bundle-lines.ts'
import { readGivenFile } from './given-file.ts'

const GIVEN = {
  maxBytes: MAX_BUNDLE_BYTES,
  code: 'BUNDLE_UNREADABLE',
  hint: 'Give the file that `ctxlock export` wrote.',
}

type VerifyBundleOptions = GlobalOptions & { readonly key: string; readonly anchor: readonly string[] }

/** `ctxlock verify-bundle`: checks an evidence bundle with nothing but the public key; needs no workspace. */
export async function verifyBundle(
  [file = '']: readonly string[],
  { output, options }: CommandContext<VerifyBundleOptions>,
): Promise<number> {
  const kept = options.anchor.map((path) => readGivenFile(path, GIVEN).toString('utf8'))
  const checked = checkBundle(readGivenFile(file, GIVEN), readPublicKey(options.key), kept)
  const exit = checked.ok ? EXIT_CODE.done : EXIT_CODE.verificationFailed
  output.result({ ...bundleJson(checked), exit })
  output.line(checked.ok ? 'The bundle holds.' : 'The bundle does not hold; nothing in it is to be believed.')
  for (const line of checked.problems.map(problemLine)) output.line(line)
  for (const line of bundleLines(checked)) output.line(line)
  for (const note of checked.ok ? (checked.head?.notes.slice(-3) ?? []) : []) output.line(note)
  return exit
}

function problemLine({ line, problem }: BundleProblem): string {
  return `line ${line}: ${problem.replaceAll('_', ' ')}`
}
