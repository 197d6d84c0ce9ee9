import { createPublicKey } from 'node:crypto'

import { signStatement } from '@ctxlock/flight-recorder/export'

import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { checkOutput } from '../../environment/check-output.ts'
import { evidenceName, KEY_SUFFIX } from '../../environment/evidence-names.ts'
import { writeFileAtomically } from '../../environment/files.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { exportedRun } from '../../export/exported-run.ts'
import { runStatement } from '../../export/run-statement.ts'
import { withSignedLog } from '../../export/signed-log.ts'
import { counted } from '../../output/counted.ts'

/** `ctxlock export statement`: a DSSE envelope around an in-toto statement over a run, and the key in the form other tools read. */
export function exportStatement(
  [name = 'last']: readonly string[],
  context: CommandContext<GlobalOptions & { readonly output?: string }>,
): Promise<number> {
  const { output, options } = context
  checkOutput(options.output)
  return withSignedLog(workspaceOf(context), process.env, ({ stored, signingKey, publicKey }) => {
    const run = exportedRun(stored, name)
    const statement = runStatement(stored, run)
    const file = options.output ?? evidenceName.statement(run.runId)
    const keyFile = `${file}${KEY_SUFFIX}`
    writeFileAtomically(file, `${JSON.stringify(signStatement(statement, signingKey))}\n`, 0o600)
    writeFileAtomically(keyFile, createPublicKey(signingKey).export({ format: 'pem', type: 'spki' }).toString())
    const { subject, predicate } = statement
    const { resolvedDependencies } = predicate.buildDefinition
    output.result({ ok: true, exit: EXIT_CODE.done, file, public_key: publicKey, public_key_file: keyFile, statement })
    output.line(
      `statement   ${file} (${counted(subject.length, 'output')}, made from ${counted(resolvedDependencies.length, 'thing')})`,
    )
    output.line(`public key  ${publicKey}`)
    output.line(`            as PEM in ${keyFile}`)
    output.line(`Check it with: ctxlock verify-statement ${file} --key '${publicKey}'`)
    output.line('It names files and models. It is the word of who holds the key; the evidence bundle holds the proofs.')
    return EXIT_CODE.done
  })
}
