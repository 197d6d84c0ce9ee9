import type { AnchorReport, Range, VerifyReport } from '@ctxlock/flight-recorder'

import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { workspaceOf } from '../../command-line/workspace-of.ts'
import { isErasureOpen } from '../../erasure/interrupted-erasure.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { openStoredSession } from '../../session/stored-session.ts'
import type { CallsReport } from '../../session/verify-calls.ts'
import type { ReceiptsReport } from '../../session/verify-receipts.ts'
import { verifyWorkspace } from '../../session/verify-workspace.ts'

type VerifyOptions = GlobalOptions & { readonly key?: string }

/** `ctxlock verify`: the log, the objects, the calls with their bindings, the receipts; says what is intact, unanchored, broken or missing. */
export async function verify(_: readonly string[], context: CommandContext<VerifyOptions>): Promise<number> {
  const session = openStoredSession(workspaceOf(context), process.env)
  try {
    const { report, calls, receipts, publicKey, isDamaged } = await verifyWorkspace(
      session,
      context.options.key,
      process.env,
    )
    const isOpen = isErasureOpen(session.state.folder)
    const exit = isDamaged ? EXIT_CODE.verificationFailed : EXIT_CODE.done
    context.output.result({
      ok: exit === EXIT_CODE.done,
      exit,
      ...report,
      calls,
      receipts,
      public_key: publicKey ?? null,
      erasure_open: isOpen,
    })
    for (const line of reportLines(report, calls, receipts)) context.output.line(line)
    if (isOpen)
      context.output.line(
        'erasing    goes on, or was interrupted: `ctxlock erase` ends it, as does any command that records',
      )
    return exit
  } finally {
    session.close()
  }
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
  unreachable: 'could not be asked, and confirms nothing: run this again when it can be',
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
    ...report.duplicate_violations.map(
      (seq) => `           broken at ${seq}: a violation that stands in the log already`,
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
