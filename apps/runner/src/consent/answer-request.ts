import { readJob } from '@ctxlock/ace-validators/poisoning'
import type { ConsentRequest } from '@ctxlock/contracts/consent'
import type { StoredConsentRequest } from '@ctxlock/governance'

import { CommandError } from '../command-error.ts'
import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { recordedRun } from '../run/recorded-run.ts'
import { openSession, type Session } from '../session/session.ts'
import { checkRecorded } from '../session/stored-session.ts'
import { askedTerms, type TermOptions } from './asked-terms.ts'
import { takeAnswer } from './consent-events.ts'
import { waitsForPerson } from './consent-refusal.ts'
import { disclosureOf } from './consent-report.ts'
import { consentReceipt, ONE_CALL, type ConsentTerms } from './consent-terms.ts'
import type { Disclosure } from './disclosure.ts'
import { findRequest } from './find-request.ts'
import { personHere } from './person-id.ts'
import { terminalPerson } from './person.ts'
import { shownState } from './shown-state.ts'

/** At least so much of the hash has to be named: who approves has seen what it is of. */
export const HASH_DIGITS = 8
const MOST_NOTE = 512

interface ApproveOptions extends GlobalOptions, TermOptions {
  readonly hash?: string
}

/**
 * `ctxlock consent approve`: a person's yes to exactly the bytes of one request. It takes the hash that `consent show` printed,
 * typed on the terminal or given with `--hash`; no other option approves.
 */
export function approveRequest([id = '']: readonly string[], context: CommandContext<ApproveOptions>): Promise<number> {
  return answerRequest(id, context, async (session, found) => {
    checkStillMade(session, found)
    const { asked } = found
    const terms = askedTerms(session, asked, context.options, context.output.progress)
    return (await isApproved(session, asked, terms, context)) ? terms : undefined
  })
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
    if (found.state !== 'waiting') throw answered(session, found)
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
      })
      output.result({ ok: true, request_id: found.asked.request.request_id, approved, receipt })
      output.line(
        approved ? `approved   receipt ${receipt.consent_receipt_id}, until ${receipt.valid_until}` : 'denied',
      )
      output.line(nextLine(session, found.asked, approved))
      return EXIT_CODE.done
    })
  } finally {
    await session.close()
  }
}

/** A question has ended with its denial; a task goes on. */
function nextLine({ state }: Session, { job_id, run_id }: ConsentRequest, approved: boolean): string {
  const run = run_id.slice(0, 8)
  if (readJob(state.database, job_id)?.state === 'failed') return `ended      run ${run}; a new run asks anew`
  return `next       ctxlock resume ${run}${approved ? '' : ', which goes on without these bytes or ends the run'}`
}

/** On one line, as receipts keep it, and without a secret that was written by mistake. */
function noteOf(reason: string, { redactor }: Pick<Session, 'redactor'>): string {
  const { text } = redactor.redact(reason.replaceAll(/[\p{Cc}\p{Z}]+/gu, ' ').trim())
  return Array.from(text).slice(0, MOST_NOTE).join('')
}

async function isApproved(
  session: Session,
  asked: ConsentRequest,
  terms: ConsentTerms,
  { options, output }: CommandContext<ApproveOptions>,
): Promise<boolean> {
  const disclosure = { ...disclosureOf(session, asked), ...widerOf(session, asked, terms) }
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

/** The receipt that a yes would make, and its disclosure document, where it covers more than the one call. */
function widerOf(
  { stamps, timestamp }: Session,
  asked: ConsentRequest,
  terms: ConsentTerms,
): Pick<Disclosure, 'wider'> {
  if (terms.scope === 'SINGLE_CALL') return {}
  const given = { approved: true, userId: personHere(), now: timestamp(), terms, surface: 'operator_console' } as const
  return { wider: consentReceipt(asked, { ...given, uuid: stamps.uuid }) }
}

function answered({ state: place }: Session, found: StoredConsentRequest): CommandError {
  const { request, run_id } = found.asked
  const state = shownState(place, found)
  const goesOn = state === 'approved' ? 'goes on with it' : state === 'expired' ? 'asks anew' : undefined
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'REQUEST_ANSWERED',
    message: `the request ${request.request_id.slice(0, 8)} is ${state}; the first answer stands`,
    hint: goesOn === undefined ? 'A new run asks anew.' : `\`ctxlock resume ${run_id.slice(0, 8)}\` ${goesOn}.`,
  })
}

/** A yes for a call that nobody will make would stand there as if it were of use. Throws `REQUEST_OVER`. */
function checkStillMade({ state }: Session, found: StoredConsentRequest): void {
  const { request, job_id, run_id } = found.asked
  if (shownState(state, found) !== 'over') return
  const isCancelled = readJob(state.database, job_id)?.state === 'cancelled'
  throw new CommandError({
    exit: EXIT_CODE.refused,
    code: 'REQUEST_OVER',
    message: `the call of the request ${request.request_id.slice(0, 8)} will not be made: what asked for it has ended; nothing was approved`,
    hint: isCancelled ? 'Start a new run.' : `\`ctxlock resume ${run_id.slice(0, 8)}\` asks anew.`,
  })
}
