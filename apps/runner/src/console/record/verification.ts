import type { Verification } from '@ctxlock/console/record'

import { openStoredSession } from '../../session/stored-session.ts'
import { verifyWorkspace, type WorkspaceVerification } from '../../session/verify-workspace.ts'

export interface VerificationOptions {
  readonly root: string
}

type Found = Omit<Verification, 'at' | 'seconds'>

/** What `ctxlock verify` says of a workspace, as the console shows it. */
export async function verification({ root }: VerificationOptions): Promise<Found> {
  const session = openStoredSession(root, process.env)
  try {
    return foundBy(await verifyWorkspace(session, undefined, process.env))
  } finally {
    session.close()
  }
}

function foundBy({ report, calls, receipts, isDamaged }: WorkspaceVerification): Found {
  const { verdict, ranges, anchors, runs, objects, breaks, breaks_total } = report
  const words = (text: string) => text.replaceAll('_', ' ')
  const broken = breaks
    .slice(0, MOST_NAMED)
    .map(({ reason, from, to }) => `${words(reason)} at ${from === to ? from : `${from}–${to}`}`)
  return {
    verdict: isDamaged ? 'broken' : verdict,
    ranges: ranges.map(({ state, from, to }) => ({ state, from, to })),
    anchors: anchors.map(({ anchor, state, size }) => ({ anchor, state, size })),
    runs: runs.length,
    incomplete_runs: runs.filter(({ state }) => state === 'incomplete').length,
    objects: objects && { checked: objects.checked, missing: objects.missing.length, edited: objects.edited.length },
    problems: [
      ...broken,
      ...(breaks_total > broken.length ? [`${breaks_total - broken.length} more places in the log`] : []),
      ...calls.problems.map(({ call_id, problem }) => `call ${call_id.slice(0, 8)}: ${words(problem)}`),
      ...receipts.problems.map(
        ({ consent_receipt_id, problem }) => `receipt ${consent_receipt_id.slice(0, 8)}: ${words(problem)}`,
      ),
    ],
  }
}

const MOST_NAMED = 100
