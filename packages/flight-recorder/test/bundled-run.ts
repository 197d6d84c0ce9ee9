// A run in a log among others, and what a bundle of it is made from.
import type { EventDraft } from '@ctxlock/contracts/events'
import type { BundleObject, BundleReceipt, BundleRedaction } from '@ctxlock/contracts/evidence-bundle'
import { draftOf } from '@ctxlock/contracts/testing'
import { bytesHash, keyedDigest } from '@ctxlock/core-hash'

import type { BundleSource } from '../src/export.ts'
import { writeBundle } from '../src/export.ts'
import { SIGNING_KEY, openLogFolder, recordRun, runDrafts, runEnd, uuidOf, type LogFolder } from './log-folder.ts'

export const RUN = uuidOf('the-run')
export const PART = uuidOf('its-part')
const OTHER = uuidOf('another')

/** Bytes of the object that the run names. */
export const OBJECT = Buffer.from('what the model answered')
const RECEIPT_ID = 'receipt-1'
const PAYLOAD = 'ab'.repeat(32)

/** Three runs; the middle one goes on in a second process, has an object and a receipt, and is signed twice. */
export async function openBundledRun(): Promise<LogFolder> {
  const folder = openLogFolder()
  recordRun(folder, OTHER)
  await folder.anchor()
  folder.recorder.recordAll([...runDrafts(RUN), ...cloudDrafts()])
  folder.recorder.recordRunEnd(runEnd(RUN))
  await folder.anchor()
  recordRun(folder, PART)
  recordRun(folder, OTHER)
  await folder.anchor()
  return folder
}

function cloudDrafts(): EventDraft[] {
  const place = { workflow_run_id: RUN }
  const executed = draftOf('cloud_escalation_executed')
  const settled = draftOf('call_settled')
  const inCall = { ...settled, ...place, payload: { ...settled.payload, answer_ref: bytesHash(OBJECT) } }
  const scope = { consent_scope: 'SINGLE_CALL', payload_sha256: PAYLOAD } as const
  return [inCall, { ...executed, ...place, payload: { ...executed.payload, ...scope, consent_receipt_id: RECEIPT_ID } }]
}

export const receipt: Extract<BundleReceipt, { receipt: unknown }> = {
  kind: 'receipt',
  consent_receipt_id: RECEIPT_ID,
  receipt: {
    schema_version: 'hsk.consent_receipt@0.4',
    consent_receipt_id: RECEIPT_ID,
    projection_plan_id: 'plan-1',
    payload_sha256: PAYLOAD,
    approved: true,
    approved_at: '2026-01-01T00:00:00.000Z',
    user_id: 'person:a',
    consent_scope: 'SINGLE_CALL',
  },
  plan: {
    schema_version: 'hsk.projection_plan@0.4',
    projection_plan_id: 'plan-1',
    include_artifact_refs: ['file:src/private/plan.ts'],
    redactions_applied: [],
    max_bytes: 10,
    payload_sha256: PAYLOAD,
    created_at: '2026-01-01T00:00:00.000Z',
    provider_id: 'cloud',
    endpoint_origin: 'https://api.example.com',
    model_ids: ['model'],
  },
}

export function sourceOf({ database }: LogFolder, redaction: BundleRedaction): BundleSource {
  return {
    database,
    signingKey: SIGNING_KEY,
    run: { runId: RUN, continuedAs: [PART] },
    redaction,
    redactorVersion: 'test@1',
    hide: (text) => keyedDigest(Buffer.alloc(32, 7), 'test', text),
    object: (hash): BundleObject =>
      hash === bytesHash(OBJECT)
        ? { kind: 'object', content_hash: hash, bytes: OBJECT.toString('base64') }
        : { kind: 'object', content_hash: hash, left_out: 'missing' },
    receipt: () => receipt,
  }
}

export function bundleOf(folder: LogFolder, redaction: BundleRedaction): string {
  return [...writeBundle(sourceOf(folder, redaction))].join('')
}
