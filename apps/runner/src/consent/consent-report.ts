import type { ConsentRequest } from '@ctxlock/contracts/consent'
import type { StoredConsentRequest } from '@ctxlock/governance'

import type { CommandContext, GlobalOptions } from '../command-line/command-context.ts'
import { workspaceOf } from '../command-line/workspace-of.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { cannotRebuild } from '../governed-call/record/cannot-rebuild.ts'
import { writeBytes } from '../output/write-bytes.ts'
import { openStoredSession, type StoredSession } from '../session/stored-session.ts'
import { disclosureLines } from './disclosure-lines.ts'
import { disclose, type Disclosure } from './disclosure.ts'
import { findRequest, storedRequests } from './find-request.ts'
import { rebuiltBytes } from './rebuilt-bytes.ts'
import { shownState, type ConsentPlace } from './shown-state.ts'

interface ShowOptions extends GlobalOptions {
  readonly bytes?: boolean
}

/** `ctxlock consent list`: what was asked, and what became of it. */
export async function listConsent(_: readonly string[], context: CommandContext<GlobalOptions>): Promise<number> {
  const { output } = context
  const session = openStoredSession(workspaceOf(context), process.env)
  try {
    const requests = storedRequests(session.state.database)
    output.result({ ok: true, requests: requests.map((found) => requestJson(session.state, found)) })
    if (requests.length === 0) output.line('no cloud call was ever asked for')
    for (const found of requests) {
      const { request, plan, run_id, created_at } = found.asked
      output.line(
        `${request.request_id.slice(0, 8)}  ${shownState(session.state, found).padEnd(8)}  ${plan.max_bytes} bytes to ${plan.endpoint_origin} for ${request.requested_model_id}  (run ${run_id.slice(0, 8)}, ${created_at})`,
      )
    }
    return EXIT_CODE.done
  } finally {
    session.close()
  }
}

/** `ctxlock consent show`: everything a person needs to decide; with `--bytes` exactly what would leave, and nothing else. */
export async function showConsent([id = '']: readonly string[], context: CommandContext<ShowOptions>): Promise<number> {
  const { output, options } = context
  const session = openStoredSession(workspaceOf(context), process.env)
  try {
    const found = findRequest(session.state.database, id)
    const disclosure = { ...disclosureOf(session, found.asked), ...widerConsent(found) }
    if (options.bytes === true && !output.json) {
      await writeBytes(disclosure.body)
      return EXIT_CODE.done
    }
    output.result({
      ok: true,
      ...requestJson(session.state, found),
      sources: disclosure.sources,
      own_bytes: disclosure.ownBytes,
      ...(options.bytes === true && { body: Buffer.from(disclosure.body).toString('utf8') }),
    })
    for (const line of disclosureLines(disclosure)) output.line(line)
    output.line(`state      ${stateText(session.state, found)}`)
    if (shownState(session.state, found) === 'waiting') {
      const name = found.asked.request.request_id.slice(0, 8)
      output.line()
      output.line(`next       ctxlock consent show ${name} --bytes`)
      output.line(
        `           ctxlock consent approve ${name} --hash ${disclosure.plan.payload_sha256.slice(0, 8)}, or ctxlock consent deny ${name}`,
      )
    }
    return EXIT_CODE.done
  } finally {
    session.close()
  }
}

/** The bytes are put together again from the sources as they are now and have to hash to what the plan says. */
export function disclosureOf(session: Pick<StoredSession, 'artifacts' | 'reader'>, asked: ConsentRequest): Disclosure {
  const rebuilt = rebuiltBytes(session, asked)
  if (rebuilt.status === 'rebuilt') return disclose(asked.plan, rebuilt.manifest, rebuilt.body)
  throw cannotRebuild(
    rebuilt,
    `Nothing was approved. Go on with the run, which asks anew for the bytes as they are now: \`ctxlock resume ${asked.run_id.slice(0, 8)}\`.`,
  )
}

/** A receipt that covers more than the call it was asked for. */
function widerConsent({ answer }: StoredConsentRequest): Pick<Disclosure, 'wider'> {
  return answer && answer.receipt.consent_scope !== 'SINGLE_CALL' ? { wider: answer } : {}
}

function stateText(place: ConsentPlace, found: StoredConsentRequest): string {
  const { user_id, approved_at, valid_until, notes } = found.answer?.receipt ?? {}
  const until = found.answer?.receipt.approved === true ? `, until ${valid_until}` : ''
  const by = found.answer ? `, by ${user_id} at ${approved_at}${until}${notes === undefined ? '' : `: ${notes}`}` : ''
  return `${shownState(place, found)}${by}`
}

function requestJson(place: ConsentPlace, found: StoredConsentRequest) {
  const { asked, answer } = found
  const { request, plan, run_id, job_id, created_at } = asked
  return {
    request_id: request.request_id,
    state: shownState(place, found),
    run_id,
    job_id,
    created_at,
    plan,
    ...(answer && { receipt: answer.receipt }),
  }
}
