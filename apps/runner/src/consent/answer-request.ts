import { fileSourceId } from '@ctxlock/contracts/references'
import type { StoredConsentRequest } from '@ctxlock/governance'

import { CommandError } from '../command-error.ts'
import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { workspaceSources } from '../environment/workspace-sources.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { recordedRun } from '../run/recorded-run.ts'
import { openSession, type Session } from '../session/session.ts'
import { checkRecorded } from '../session/stored-session.ts'
import { takeAnswer } from './consent-events.ts'
import { waitsForPerson } from './consent-refusal.ts'
import { disclosureOf } from './consent-report.ts'
import { ONE_CALL, type ConsentTerms } from './consent-terms.ts'
import { findRequest } from './find-request.ts'
import { personHere } from './person-id.ts'
import { terminalPerson } from './person.ts'
import { sourceReference } from './projection-plan.ts'

/** At least so much of the hash has to be named: who approves has seen what it is of. */
export const HASH_DIGITS = 8
const MOST_NOTE = 512
const MINUTES_OF_A_YEAR = 525_600

interface ApproveOptions extends GlobalOptions {
  readonly hash?: string
  readonly scope?: keyof typeof SCOPES
  /** For a broadcast: other requests whose sessions are covered too. */
  readonly with?: readonly string[]
  readonly minutes?: number
  readonly maxCalls?: number
  readonly maxBytes?: number
}

/**
 * `ctxlock consent approve`: a person's yes to exactly the bytes of one request. It takes the hash that `consent show` printed,
 * typed on the terminal or given with `--hash`; no other option approves.
 */
export function approveRequest([id = '']: readonly string[], context: CommandContext<ApproveOptions>): Promise<number> {
  return answerRequest(id, context, async (session, found) =>
    (await isApproved(session, found, context)) ? termsOf(session, context.options) : undefined,
  )
}

interface DenyOptions extends GlobalOptions {
  readonly reason?: string
}

/** `ctxlock consent deny`: a person's no, for good in this run. */
export function denyRequest([id = '']: readonly string[], context: CommandContext<DenyOptions>): Promise<number> {
  return answerRequest(id, context, async () => undefined)
}

/** `decide` gives the terms of a yes; none are a no. */
async function answerRequest(
  id: string,
  context: CommandContext<DenyOptions>,
  decide: (session: Session, found: StoredConsentRequest) => Promise<ConsentTerms | undefined>,
): Promise<number> {
  const { output, options } = context
  const root = workspaceOf(context)
  checkRecorded(root)
  const session = await openSession({ root, variables: process.env })
  try {
    const found = findRequest(session.state.database, id)
    if (found.state !== 'waiting') throw answered(found)
    const terms = await decide(session, found)
    const approved = terms !== undefined
    return await recordedRun(session, 'consent', async ({ runId }) => {
      const receipt = takeAnswer(session, found.asked, {
        runId,
        approved,
        userId: personHere(),
        now: session.timestamp(),
        terms: terms ?? ONE_CALL,
        surface: 'operator_console',
        ...(options.reason !== undefined && { notes: noteOf(options.reason, session) }),
        uuid: session.stamps.uuid,
        covered: terms === undefined || terms.scope === 'SINGLE_CALL' ? [] : currentSources(session, output.progress),
      })
      output.result({ ok: true, request_id: found.asked.request.request_id, approved, receipt })
      output.line(
        approved ? `approved   receipt ${receipt.consent_receipt_id}, until ${receipt.valid_until}` : 'denied',
      )
      if (approved) output.line(`next       ctxlock resume ${found.asked.run_id.slice(0, 8)}`)
      return EXIT_CODE.done
    })
  } finally {
    await session.close()
  }
}

/** On one line, as receipts keep it, and without a secret that was written by mistake. */
function noteOf(reason: string, { redactor }: Pick<Session, 'redactor'>): string {
  const { text } = redactor.redact(reason.replaceAll(/[\p{Cc}\p{Z}]+/gu, ' ').trim())
  return Array.from(text).slice(0, MOST_NOTE).join('')
}

async function isApproved(
  session: Session,
  { asked }: StoredConsentRequest,
  { options, output }: CommandContext<ApproveOptions>,
): Promise<boolean> {
  const disclosure = disclosureOf(session, asked)
  const { payload_sha256 } = disclosure.plan
  if (options.hash !== undefined) {
    if (options.hash.length >= HASH_DIGITS && payload_sha256.startsWith(options.hash)) return true
    throw new CommandError({
      exit: EXIT_CODE.refused,
      code: 'CONSENT_HASH_MISMATCH',
      message: `--hash expects at least ${HASH_DIGITS} digits of the hash of these bytes; got ${options.hash.slice(0, 80)}; nothing was approved`,
      hint: `Run \`ctxlock consent show ${asked.request.request_id.slice(0, 8)}\`.`,
    })
  }
  if (!output.json && process.stdin.isTTY && process.stdout.isTTY) {
    const answer = await terminalPerson(process.stdin, process.stdout).answer(disclosure)
    if (answer !== 'approved' && answer !== 'denied') throw waitsForPerson(asked, answer)
    return answer === 'approved'
  }
  throw new CommandError({
    exit: EXIT_CODE.needsPerson,
    code: 'CONSENT_NEEDS_PERSON',
    message: 'approving needs a person: there is no terminal to ask on, and no --hash of what was shown',
    hint: `Run \`ctxlock consent show ${asked.request.request_id.slice(0, 8)}\`, then approve with --hash and the digits it prints.`,
  })
}

/** Wider scopes state both of their limits: nothing is unlimited by default. */
function termsOf(session: Session, options: ApproveOptions): ConsentTerms {
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
  const otherSessions = others.flatMap((id) => findRequest(session.state.database, id).asked.plan.session_ids ?? [])
  return { scope: SCOPES[scope], minutes, maxCalls, maxBytes, otherSessions }
}

const SCOPES = {
  call: 'SINGLE_CALL',
  session: 'SESSION_SCOPED',
  'work-packet': 'WP_SCOPED',
  broadcast: 'BROADCAST_SCOPED',
} as const

function usage(problem: string, example: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'USAGE',
    message: `${problem}; nothing was approved`,
    hint: `Example: ${example}`,
  })
}

/** The sources as they are now: a wider consent covers these versions, whatever the files become. */
function currentSources(session: Session, progress: (text: string) => void): string[] {
  return Array.from(workspaceSources(session, progress), ({ path, hash }) => sourceReference(fileSourceId(path), hash))
}

function answered({ asked, state }: StoredConsentRequest): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'REQUEST_ANSWERED',
    message: `the request ${asked.request.request_id.slice(0, 8)} is ${state}; the first answer stands`,
    hint: 'A new call asks anew.',
  })
}
