import type { ConsentRequest } from '@ctxlock/contracts/consent'
import { fileSourceId } from '@ctxlock/contracts/references'

import { CommandError } from '../command-error.ts'
import { exportableSources } from '../environment/exportable-sources.ts'
import { workspaceSources } from '../environment/workspace-sources.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Session } from '../session/session.ts'
import { ONE_CALL, type ConsentTerms } from './consent-terms.ts'
import { findRequest } from './find-request.ts'
import { sourceReference } from './projection-plan.ts'

const MINUTES_OF_A_YEAR = 525_600

/** What a command line says of a consent beside its hash. */
export interface TermOptions {
  readonly scope?: keyof typeof SCOPES
  /** For a broadcast: other requests whose sessions are covered too. */
  readonly with?: readonly string[]
  readonly minutes?: number
  readonly maxCalls?: number
  readonly maxBytes?: number
}

const SCOPES = {
  call: 'SINGLE_CALL',
  session: 'SESSION_SCOPED',
  'work-packet': 'WP_SCOPED',
  broadcast: 'BROADCAST_SCOPED',
} as const

/** The terms that are asked for. Wider scopes state both of their limits: nothing is unlimited by default. Throws `USAGE`. */
export function askedTerms(
  session: Session,
  { plan }: ConsentRequest,
  options: TermOptions,
  progress: (text: string) => void,
): ConsentTerms {
  const { scope = 'call', minutes = ONE_CALL.minutes, maxCalls, maxBytes } = options
  const others = options.with ?? []
  if ((scope === 'broadcast') !== others.length > 0) {
    throw usage('--with and --scope broadcast belong together', '--scope broadcast --with 01a7dd0f')
  }
  if (minutes > MINUTES_OF_A_YEAR) {
    throw usage(`--minutes expects at most ${MINUTES_OF_A_YEAR}, a year, and got ${minutes}`, '--minutes 60')
  }
  if (scope === 'call') return { ...ONE_CALL, minutes }
  if (maxCalls === undefined || maxBytes === undefined) {
    throw usage(
      `--scope ${scope} expects --max-calls and --max-bytes`,
      '--scope session --max-calls 3 --max-bytes 60000',
    )
  }
  if (maxBytes < plan.max_bytes) {
    const least = `${plan.max_bytes}, the bytes of this call alone`
    throw usage(
      `--max-bytes expects at least ${least}, and got ${maxBytes}`,
      `--max-bytes ${plan.max_bytes * maxCalls}`,
    )
  }
  const otherSessions = others.flatMap((id) => findRequest(session.state.database, id).asked.plan.session_ids ?? [])
  return {
    scope: SCOPES[scope],
    minutes,
    maxCalls,
    maxBytes,
    otherSessions,
    covered: exportableNow(session, progress),
  }
}

/** The sources that may leave, as they are now: a wider consent covers these versions, whatever files and config become. */
function exportableNow(session: Session, progress: (text: string) => void): string[] {
  const isExportable = exportableSources(session.config.sources.exportable)
  return Array.from(workspaceSources(session, progress), ({ path, hash }) => ({ id: fileSourceId(path), hash }))
    .filter(({ id }) => isExportable(id))
    .map(({ id, hash }) => sourceReference(id, hash))
}

function usage(problem: string, example: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'USAGE',
    message: `${problem}; nothing was approved`,
    hint: `Example: ${example}`,
  })
}
