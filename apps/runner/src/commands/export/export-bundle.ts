import type { BundleRedaction } from '@ctxlock/contracts/evidence-bundle'

import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { checkOutput } from '../../environment/check-output.ts'
import { evidenceName } from '../../environment/evidence-names.ts'
import { writeFileAtomically } from '../../environment/files.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { runBundle } from '../../export/run-bundle.ts'
import { withSignedLog } from '../../export/signed-log.ts'
import { bundleJson, bundleLines } from '../../output/bundle-lines.ts'

type ExportOptions = GlobalOptions & { readonly output?: string; readonly redact: BundleRedaction }

/** `ctxlock export <run>`: writes one run as a file that can be checked without this workspace. */
export function exportBundle(
  [name = 'last']: readonly string[],
  context: CommandContext<ExportOptions>,
): Promise<number> {
  const { output, options } = context
  checkOutput(options.output)
  return withSignedLog(workspaceOf(context), process.env, (log) => {
    const { bytes, checked } = runBundle(log, name, options.redact, process.env)
    const file = options.output ?? evidenceName.bundle(checked.head?.run_id ?? '')
    writeFileAtomically(file, bytes, 0o600)
    output.result({
      ...bundleJson(checked),
      exit: EXIT_CODE.done,
      file,
      bytes: bytes.length,
      public_key: log.publicKey,
    })
    output.line(`bundle      ${file} (${bytes.length} bytes)`)
    for (const line of bundleLines(checked)) output.line(line)
    output.line(`public key  ${log.publicKey}`)
    output.line(`Check it with: ctxlock verify-bundle ${file} --key '${log.publicKey}'`)
    return EXIT_CODE.done
  })
}
