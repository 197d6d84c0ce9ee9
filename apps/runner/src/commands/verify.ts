import { verifyLog, type AnchorReport, type Range, type VerifyReport } from '@ctxlock/flight-recorder'

import { keptCheckpoints, publicKeyFor } from '../anchors/stored-log.ts'

import { createSegmentFiles } from '../environment/segment-files.ts'
import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { openStoredSession } from '../session/stored-session.ts'
import { verifyCalls, type CallsReport } from '../session/verify-calls.ts'
import { verifyReceipts, type ReceiptsReport } from '../session/verify-receipts.ts'
import { workspaceOf } from './workspace-of.ts'

type VerifyOptions = GlobalOptions & { readonly key?: string }

/** `ctxlock verify`: the log, the objects, the calls with their bindings, the receipts; says what is intact, unanchored, broken or missing. */
export async function verify(_: readonly string[], context: CommandContext<VerifyOptions>): Promise<number> {
  const session = openStoredSession(workspaceOf(context), process.env)
  try {
    const publicKey = publicKeyFor(session, context.options.key, process.env)
    // Before the log: a run that goes on meanwhile must not look like one that lost its end.
    const kept = await keptCheckpoints(session)
    const report = verifyLog({
      database: session.state.database,
      ...(publicKey !== undefined && { publicKey }),
      kept,
      objects: session.artifacts,
      segments: createSegmentFiles(session.state.folder),
    })
    const calls = verifyCalls(session)
    const receipts = verifyReceipts(session.state.database)
    const exit = exitOf(report, calls, receipts)
    context.output.result({
      ok: exit === EXIT_CODE.done,
      exit,
      ...report,
      calls,
      receipts,
      public_key: publicKey ?? null,
    })
    for (const line of reportLines(report, calls, receipts)) context.output.line(line)
    return exit
  } finally {
    session.close()
  }
}

/** Incomplete is no failure of the record: a run was interrupted, or still goes on. */
function exitOf({ verdict, objects }: VerifyReport, calls: CallsReport, receipts: ReceiptsReport): ExitCode {
  const damaged =
    verdict === 'broken' ||
    calls.problems.length + receipts.problems.length > 0 ||
    (objects !== null && objects.missing.length + objects.edited.length > 0)
  return damaged ? EXIT_CODE.verificationFailed : EXIT_CODE.done
}

const RANGE: Readonly<Record<Range['state'], string>> = {
  intact: 'intact and anchored    ',
  unanchored: 'intact, not anchored   ',
  erased: 'payload erased         ',
  broken: 'broken                 ',
  missing: 'missing from the end   ',
}
const ANCHOR: Readonly<Record<AnchorReport['state'], string>> = {
  signed: 'signed',
  other_key: 'signed with another key than yours; give the right one with --key',
  no_key: 'not checked, you have no key; give the public key with --key',
  damaged: 'damaged, and confirms nothing',
  absent: 'keeps nothing yet',
  unreachable: 'could not be asked, and confirms nothing',
}

function sizeOf({ size }: AnchorReport): string {
  return size === null ? '' : `, ${size} events`
}

function erasureLines({ erasures: { orders, events, waiting } }: VerifyReport): string[] {
  if (orders === 0) return []
  return [
    `erased     ${events} events by ${orders} recorded orders: their leaves stand, what they said is not verified`,
    ...(waiting > 0
      ? [`           ${waiting} events are ordered to be erased and still there: run \`ctxlock erase\``]
      : []),
  ]
}

function reportLines(report: VerifyReport, calls: CallsReport, receipts: ReceiptsReport): string[] {
  const { objects } = report
  const incomplete = report.runs.filter(({ state }) => state === 'incomplete')
  const wrong = report.runs.filter(({ state }) => state === 'count_mismatch' || state === 'no_header')
  return [
    `log        ${report.events} events: ${report.verdict}`,
    ...report.ranges.map(({ state, from, to }) => `           ${RANGE[state]} ${from}-${to}`),
    ...report.breaks.map(
      ({ reason, from, to }) =>
        `           broken at ${from === to ? from : `${from}-${to}`}: ${reason.replaceAll('_', ' ')}`,
    ),
    ...erasureLines(report),
    ...report.anchors.map((anchor) => `anchor     ${anchor.anchor}: ${ANCHOR[anchor.state]}${sizeOf(anchor)}`),
    `runs       ${report.runs.length} recorded, ${incomplete.length} incomplete`,
    ...incomplete.map(
      ({ workflow_run_id, events }) => `           incomplete ${workflow_run_id} (${events} events, no end)`,
    ),
    ...wrong.map(
      ({ workflow_run_id, state, events, events_expected }) =>
        `           ${state.replaceAll('_', ' ')} ${workflow_run_id}: ${events} events, ${events_expected ?? 'none'} promised`,
    ),
    ...(objects === null
      ? []
      : [
          `objects    ${objects.checked} checked, ${objects.missing.length} missing, ${objects.edited.length} edited, ${objects.erased} erased`,
        ]),
    ...(objects?.missing ?? []).map((hash) => `           missing ${hash}`),
    ...(objects?.edited ?? []).map((hash) => `           edited  ${hash}`),
    `calls      ${calls.checked} checked, ${calls.problems.length} wrong, ${calls.erased} erased`,
    ...calls.problems.map(({ call_id, problem }) => `           ${call_id}: ${problem.replaceAll('_', ' ')}`),
    `receipts   ${receipts.checked} calls to a cloud, ${receipts.problems.length} wrong`,
    ...receipts.problems.map(
      ({ consent_receipt_id, problem }) => `           ${consent_receipt_id}: ${problem.replaceAll('_', ' ')}`,
    ),
    ...(report.verdict === 'unanchored'
      ? ['Nothing contradicts the record; what is unanchored is not confirmed by anything outside the database.']
      : []),
  ]
}
