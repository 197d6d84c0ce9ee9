import { logFigures, proveEvent, queryEvents } from '@ctxlock/flight-recorder'

import { publicKeyFor } from '../../anchors/stored-log.ts'
import { CommandError } from '../../command-error.ts'
import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { checkOutput } from '../../environment/check-output.ts'
import { evidenceName } from '../../environment/evidence-names.ts'
import { writeFileAtomically } from '../../environment/files.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { openStoredSession, type StoredSession } from '../../session/stored-session.ts'

type ProveOptions = GlobalOptions & { readonly output?: string; readonly key?: string }

/** `ctxlock prove`: writes a file that shows whoever has the public key that an event stands in the signed log. */
export async function prove([name = '']: readonly string[], context: CommandContext<ProveOptions>): Promise<number> {
  const { output, options } = context
  checkOutput(options.output)
  const session = openStoredSession(workspaceOf(context), process.env)
  try {
    const publicKey = publicKeyFor(session, options.key, process.env)
    if (publicKey === undefined) throw noKey()
    const seq = positionOf(session, name)
    const file = options.output ?? evidenceName.proof(seq)
    writeFileAtomically(file, proveEvent({ database: session.state.database, seq, publicKey }), 0o600)
    output.result({ ok: true, exit: EXIT_CODE.done, seq, file, public_key: publicKey })
    output.line(`proof       ${file} (event ${seq})`)
    output.line(`public key  ${publicKey}`)
    output.line(`Check it with: ctxlock verify-proof ${file} --key '${publicKey}'`)
    output.line('Whoever is to believe it needs the key from you, not from the file, and sees the whole event.')
    return EXIT_CODE.done
  } finally {
    session.close()
  }
}

/** A position in the log, the id of an event, or `last`. */
function positionOf({ state }: StoredSession, name: string): number {
  if (name === 'last') return logFigures(state.database).events
  if (/^[1-9]\d{0,15}$/.test(name)) return Number(name)
  const [event] = queryEvents(state.database, { eventId: name }, { limit: 1 }).events
  if (event) return event.seq
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'EVENT_UNKNOWN',
    message: `expected a position in the log, the id of an event, or last, got ${JSON.stringify(name)}`,
    hint: 'For example `ctxlock prove 12`; `ctxlock verify` says how many events there are.',
  })
}

function noKey(): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'KEY_MISSING',
    message: 'there is no key of yours that could have signed this log',
    hint: 'Give the public key of whoever recorded it with --key.',
  })
}
