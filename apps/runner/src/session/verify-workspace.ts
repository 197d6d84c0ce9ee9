import { verifyLog, type VerifyReport } from '@ctxlock/flight-recorder'

import { keptCheckpoints, publicKeyFor } from '../anchors/stored-log.ts'
import { createSegmentFiles } from '../environment/segment-files.ts'
import type { StoredSession } from './stored-session.ts'
import { verifyCalls, type CallsReport } from './verify-calls.ts'
import { verifyReceipts, type ReceiptsReport } from './verify-receipts.ts'

export interface WorkspaceVerification {
  readonly report: VerifyReport
  readonly calls: CallsReport
  readonly receipts: ReceiptsReport
  readonly publicKey: string | undefined
  /** Incomplete is no damage: a run was interrupted, or still goes on. */
  readonly isDamaged: boolean
}

/** Checks the log, the objects, the calls with their bindings, and the receipts. Codes: those of `verifyLog`, KEY_INVALID. */
export async function verifyWorkspace(
  session: StoredSession,
  key: string | undefined,
  variables: NodeJS.ProcessEnv,
): Promise<WorkspaceVerification> {
  const publicKey = publicKeyFor(session, key, variables)
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
  const { verdict, objects } = report
  const isDamaged =
    verdict === 'broken' ||
    calls.problems.length + receipts.problems.length > 0 ||
    (objects !== null && objects.missing.length + objects.edited.length > 0)
  return { report, calls, receipts, publicKey, isDamaged }
}
