import { createRedactor } from '@ctxlock/ace-validators/redactor'
import type { BundleRedaction } from '@ctxlock/contracts/evidence-bundle'
import { keyedDigest } from '@ctxlock/core-hash'
import { erasureOrders, newestCheckpoint } from '@ctxlock/flight-recorder'
import { checkBundle, MAX_BUNDLE_BYTES, writeBundle, type CheckedBundle } from '@ctxlock/flight-recorder/export'

import { checkSigner } from '../anchors/check-signer.ts'
import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { loadedSecrets } from '../session/session-ports.ts'
import { EXPORTED_NAME_DIGEST } from '../workspace/digest-domains.ts'
import { objectLine, receiptLine } from './bundle-contents.ts'
import { exportedRun } from './exported-run.ts'
import type { SignedLog } from './signed-log.ts'

export interface RunBundle {
  readonly bytes: Uint8Array
  readonly checked: CheckedBundle
}

/**
 * The evidence bundle of a run: one that would not hold is not given out. Throws `RUN_UNKNOWN`, `KEY_FOREIGN`, `BUNDLE_TOO_LARGE`,
 * `BUNDLE_REFUSED`.
 */
export function runBundle(
  { stored, config, signingKey, publicKey }: SignedLog,
  name: string,
  redaction: BundleRedaction,
  variables: NodeJS.ProcessEnv,
): RunBundle {
  const { state, artifacts } = stored
  checkSigner(newestCheckpoint(state.database)?.note ?? '', publicKey)
  const redactor = createRedactor({ secrets: loadedSecrets(config, variables) })
  const key = redaction === 'names' ? state.digestKey() : undefined
  const orders = erasureOrders(state.database)
  const erasedAt = new Map(orders.flatMap(({ seq, payload }) => payload.objects.map((hash) => [hash, seq] as const)))
  const lines = writeBundle({
    database: state.database,
    signingKey,
    run: exportedRun(stored, name),
    redaction,
    redactorVersion: redactor.version,
    hide: (text) => (key ? keyedDigest(key, EXPORTED_NAME_DIGEST, text) : ''),
    object: (hash, seq) => objectLine({ artifacts, redactor, isErased: seq < (erasedAt.get(hash) ?? 0) }, hash),
    receipt: (id) => receiptLine(state.database, id),
  })
  const bytes = joined(lines)
  const checked = checkBundle(bytes, publicKey)
  if (!checked.ok) throw refused(checked)
  return { bytes, checked }
}

function joined(lines: Iterable<string>): Uint8Array {
  const parts: Uint8Array[] = []
  let size = 0
  for (const line of lines) {
    const part = Buffer.from(line)
    size += part.length
    if (size > MAX_BUNDLE_BYTES) throw tooLarge()
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function tooLarge(): CommandError {
  return new CommandError({
    exit: EXIT_CODE.failed,
    code: 'BUNDLE_TOO_LARGE',
    message: `the bundle would be larger than ${MAX_BUNDLE_BYTES} bytes`,
    hint: 'Leave its objects out with --redact names, or all.',
  })
}

function refused({ problems: [first] }: CheckedBundle): CommandError {
  return new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'BUNDLE_REFUSED',
    message: `what is recorded of the run does not hold: line ${first?.line} of its bundle, ${first?.problem.replaceAll('_', ' ')}`,
    hint: 'Run `ctxlock verify`.',
  })
}
