import type { ListableArtifactStore } from '@ctxlock/artifact-store'
import { ArtifactError } from '@ctxlock/artifact-store'
import type { BundleObject, BundleReceipt } from '@ctxlock/contracts/evidence-bundle'
import { SECRET_CATEGORIES, type Redactor, type SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import { GovernanceError, readReceipt } from '@ctxlock/governance'

export interface BundledObjects {
  readonly artifacts: ListableArtifactStore
  readonly redactor: Redactor
  /** Whether an order had it erased after the run named it. */
  readonly isErased: boolean
}

/** A stored object for a bundle; what is classified high, or holds a secret (REC-036), stays here and is named only. */
export function objectLine({ artifacts, redactor, isErased }: BundledObjects, content_hash: Hash): BundleObject {
  const leftOut = (left_out: Extract<BundleObject, { left_out: unknown }>['left_out']): BundleObject => ({
    kind: 'object',
    content_hash,
    left_out,
  })
  try {
    if (artifacts.label(content_hash)?.classification === 'high') return leftOut('classified')
    const bytes = Buffer.from(artifacts.get(content_hash))
    const isSecret = redactor.detect(bytes.toString('utf8')).some(({ category }) => SECRET_CATEGORIES.has(category))
    return isSecret ? leftOut('secret') : { kind: 'object', content_hash, bytes: bytes.toString('base64') }
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error
    if (error.code === 'ARTIFACT_MISSING') return leftOut(isErased ? 'erased' : 'missing')
    if (error.code === 'ARTIFACT_HASH_MISMATCH') return leftOut('damaged')
    throw error
  }
}

export function receiptLine(database: SqlDatabase, consent_receipt_id: string): BundleReceipt {
  try {
    const stored = readReceipt(database, consent_receipt_id)
    if (!stored) return { kind: 'receipt', consent_receipt_id, left_out: 'missing' }
    return { kind: 'receipt', consent_receipt_id, receipt: stored.receipt, plan: stored.plan }
  } catch (error) {
    if (error instanceof GovernanceError) return { kind: 'receipt', consent_receipt_id, left_out: 'damaged' }
    throw error
  }
}
