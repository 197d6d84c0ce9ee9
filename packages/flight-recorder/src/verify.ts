import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { parseVerifierKey } from './checkpoint/signed-note.ts'
import type { NoteVerifier } from './checkpoint/signed-note.ts'
import { RecorderError, onDatabase } from './recorder-error.ts'
import type { SegmentFiles } from './segment/segment-files.ts'
import { checkAnchors } from './verify/anchors.ts'
import type { KeptCheckpoint } from './verify/anchors.ts'
import { checkObjects } from './verify/objects.ts'
import type { VerifiableObjects } from './verify/objects.ts'
import type { VerifyReport } from './verify/report.ts'
import { checkSegments } from './verify/segments.ts'
import { verdictOf } from './verify/verdict.ts'
import { walkLog } from './verify/walk-log.ts'

const MAX_LISTED_BREAKS = 1000

export interface VerifyOptions {
  readonly database: SqlDatabase
  /** The log's public key in its text form (`logPublicKey`); without it no checkpoint can be believed. */
  readonly publicKey?: string
  /** What the anchors keep, read before this is called: nothing else confirms the newest events. */
  readonly kept?: readonly KeptCheckpoint[]
  /** The object store, to look at every stored object too. */
  readonly objects?: VerifiableObjects
  /** Where sealed texts are, to look at every line of them; the function `SEALED_TEXT` reads those that the log needs. */
  readonly segments?: SegmentFiles
}

/**
 * Reads the whole log and says what was changed, removed or added, which runs have no end, and which objects are missing or
 * edited (REC-008). Writes nothing. Finding something wrong is a report. Codes: HSK-500-DB when it could not look,
 * HSK-409-LOG-VERSION, HSK-400-INVALID-KEY.
 */
export function verifyLog({ database, publicKey, kept = [], objects, segments }: VerifyOptions): VerifyReport {
  const verifier = publicKey === undefined ? undefined : checkedKey(publicKey)
  const anchors = checkAnchors(kept, verifier)
  const log = onDatabase('Verifying the log', () =>
    walkLog({ database, anchors, verifier, looksAtObjects: objects !== undefined }),
  )
  const { events, ranges, runs, erasures, duplicates: duplicate_violations } = log
  const objectReport = objects ? checkObjects(objects, log.referenced, log.erasedObjects) : null
  const breaks = [...log.breaks, ...(segments ? checkSegments(segments) : [])]
  return {
    verdict: verdictOf({ breaks, runs, duplicate_violations, ranges, anchors: anchors.reports, objects: objectReport }),
    events,
    anchors: anchors.reports,
    ranges,
    breaks: breaks.slice(0, MAX_LISTED_BREAKS),
    breaks_total: breaks.length,
    runs,
    erasures,
    objects: objectReport,
    duplicate_violations,
  }
}

function checkedKey(publicKey: string): NoteVerifier {
  const verifier = parseVerifierKey(publicKey)
  if (verifier) return verifier
  throw new RecorderError(
    'HSK-400-INVALID-KEY',
    'Expected a public key as `<name>+<id>+<key>`, with the id of that key.',
  )
}
