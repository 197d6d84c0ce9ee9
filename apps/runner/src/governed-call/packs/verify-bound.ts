import { PackError, verifyBinding } from '@ctxlock/context-pack'
import { parseCanonical } from '@ctxlock/core-hash'

import type { Session } from '../../session/session.ts'
import { governedPaths, type CallIds, type CallSubject } from '../call-subject.ts'
import type { BoundCall } from './bind-packs.ts'
import { refusing } from './binding-refusal.ts'
import { storedBytes } from './stored-bytes.ts'

/**
 * The check of CP-053 right before the call, on what is stored and on the rule files as they are on disk now. Any failure is a
 * hard one with its event (CP-064).
 */
export function verifyBound(session: Session, subject: CallSubject, ids: CallIds, bound: BoundCall): void {
  refusing(session, subject, ids, () => {
    const stored = storedBytes(session, bound.artifact.content_hash)
    if (!stored) throw new PackError('PACK_MISSING', 'The binding is not in the store.')
    const result = verifyBinding({
      binding: bindingOf(stored),
      readArtifact: (hash) => storedBytes(session, hash),
      verified: session.memory.verified,
      job: {
        job_id: ids.jobId,
        wp_id: subject.wpId,
        mt_id: subject.definition.mt_id,
        governance_mode: session.config.policy.governanceMode,
        automation_level: session.automationLevel,
      },
      protocolPins: session.rules.currentPins(governedPaths(subject)),
    })
    if (result.status === 'valid') return
    const [{ code, detail }] = result.failures
    throw new PackError(code, detail)
  })
}

function bindingOf(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes)
  } catch {
    return undefined
  }
}
