import { createHash } from 'node:crypto'

import { findSigningKey } from '../../anchors/signing-key.ts'
import { publicKeyFor } from '../../anchors/stored-log.ts'
import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { checkOutput } from '../../environment/check-output.ts'
import { evidenceName } from '../../environment/evidence-names.ts'
import { writeFileAtomically } from '../../environment/files.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { reportCheckpoint } from '../../report/report-checkpoint.ts'
import { reportData } from '../../report/report-data.ts'
import { reportPage } from '../../report/report-page.ts'
import { signStatement } from '../../report/report-statement.ts'
import { runParts } from '../../report/run-parts.ts'
import { withRuns } from '../../run/open-runs.ts'

interface ReportOptions extends GlobalOptions {
  readonly output?: string
  readonly key?: string
  /** A checkpoint that whoever will read the report has. */
  readonly checkpoint?: string
}

/** `ctxlock report`: one page about a run that checks itself and opens without a server; no prompt and no reply is in it. */
export function report([name = 'last']: readonly string[], context: CommandContext<ReportOptions>): Promise<number> {
  const { options, output } = context
  checkOutput(options.output)
  return withRuns(workspaceOf(context), async (runs) => {
    const { session } = runs
    const parts = await runParts(runs, name)
    const publicKey = publicKeyFor(session, options.key, process.env)
    const privateKey = findSigningKey(process.env)
    const checkpoint = await reportCheckpoint(session, {
      parts,
      given: options.checkpoint,
      publicKey,
      variables: process.env,
    })
    const data = reportData(session, {
      parts,
      publicKey,
      checkpoint,
      sign: (statement) => signStatement(session, statement, { publicKey, privateKey }),
    })
    const file = options.output ?? evidenceName.report(parts[0]?.partOf ?? '')
    const page = reportPage(data, output)
    writeFileAtomically(file, page, 0o600)

    const covered = data.events.filter(({ proof }) => proof !== null).length
    output.result({
      ok: true,
      exit: EXIT_CODE.done,
      file,
      runs: [...new Set(parts.map(({ partOf }) => partOf))],
      events: data.events.length,
      proved: covered,
      bytes: Buffer.byteLength(page),
      public_key: publicKey ?? null,
      fingerprint: publicKey === undefined ? null : fingerprintOf(publicKey),
    })
    output.line(`report      ${file} (${data.events.length} events, ${covered} with a proof)`)
    if (publicKey !== undefined) {
      output.line(`public key  ${publicKey}`)
      output.line(`fingerprint ${fingerprintOf(publicKey)}`)
    }
    output.line('It opens without a server and holds no prompt, no reply and no source text. It shows paths and names.')
    output.line('Whoever is to believe it needs the key, or its fingerprint, from you and not from the file.')
    return EXIT_CODE.done
  })
}

/** What the page shows of a key too: SHA-256 of its text. */
function fingerprintOf(publicKey: string): string {
  return createHash('sha256').update(publicKey.trim()).digest('hex')
}
