import { ContextSnapshot } from '@ctxlock/contracts/context'
import { RequestManifest, type CallRecord } from '@ctxlock/contracts/call'
import { hashesEqual, keyedDigest } from '@ctxlock/core-hash'
import { explainCall } from '@ctxlock/flight-recorder'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { PAYLOAD_DIGEST } from '../governed-call/digest-domains.ts'
import { cannotRebuild } from '../governed-call/cannot-rebuild.ts'
import { rebuildRequest } from '../governed-call/request-manifest.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'
import { readRecord } from '../session/stored-records.ts'
import { openStoredSession, type StoredSession } from '../session/stored-session.ts'
import { showDefinitions } from './show-definitions.ts'
import { workspaceOf } from './workspace-of.ts'

/** `ctxlock show`: the exact bytes of a call on stdout, after they were checked against what the log recorded; or what a run works off. */
export async function show(
  [name = 'last']: readonly string[],
  context: CommandContext<GlobalOptions & { readonly definitions?: boolean }>,
): Promise<number> {
  if (context.options.definitions === true) return showDefinitions(name, context)
  const session = openStoredSession(workspaceOf(context), process.env)
  try {
    const record = session.calls.find(name)
    const manifest = readRecord(session, record.request_manifest, RequestManifest)
    const { body, from } = sentBytes(session, record, manifest)
    checkAgainstLog(session, record, body)
    if (context.output.json) {
      const { call_id, provider_id, model_id } = record
      const { payload_sha256, payload_bytes } = manifest
      context.output.result({
        ok: true,
        call_id,
        provider_id,
        model_id,
        payload_sha256,
        payload_bytes,
        rebuilt_from: from,
        model_session: session.modelSessions.ofCall(call_id) ?? null,
        body: Buffer.from(body).toString('utf8'),
      })
    } else {
      await writeAll(body)
    }
    return EXIT_CODE.done
  } finally {
    session.close()
  }
}

function sentBytes(session: StoredSession, record: CallRecord, manifest: RequestManifest) {
  const rebuilt = rebuildRequest(manifest, session.artifacts, session.reader)
  if (rebuilt.status === 'rebuilt') return { body: rebuilt.body, from: 'sources' }
  const { local_only_payload_ref: kept } = readRecord(session, record.context_snapshot, ContextSnapshot)
  if (kept && rebuilt.status === 'source_changed') return { body: session.openVault().get(kept), from: 'vault' }
  throw cannotRebuild(rebuilt)
}

/** The recorded digest is keyed and stands in the chained log: editing objects alone cannot make other bytes pass. */
function checkAgainstLog(session: StoredSession, record: CallRecord, body: Uint8Array): void {
  const { intent } = explainCall(session.state.database, record.trace_id)
  const digest = keyedDigest(session.state.digestKey(), PAYLOAD_DIGEST, body)
  if (intent && hashesEqual(intent.payload.payload_digest, digest)) return
  throw new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'PAYLOAD_MISMATCH',
    message: `the rebuilt bytes of call ${record.call_id} are not those the log recorded`,
    hint: 'Run `ctxlock verify` to see what was changed.',
  })
}

function writeAll(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve())))
}
