import { CommandError } from '../../command-error.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import type { RebuiltRequest } from './request-manifest.ts'

const RESTORE =
  'Restore that version of the file (git can find it), or set `recorder.keep_payloads` before the next call.'

/** Why bytes that were described by their parts cannot be shown; `hint` is what to do where a source changed. */
export function cannotRebuild(rebuilt: Exclude<RebuiltRequest, { status: 'rebuilt' }>, hint = RESTORE): CommandError {
  if (rebuilt.status === 'mismatch') {
    return new CommandError({
      exit: EXIT_CODE.verificationFailed,
      code: 'PAYLOAD_MISMATCH',
      message: `the parts no longer give the recorded bytes: expected ${rebuilt.recordedHash}, got ${rebuilt.rebuiltHash}`,
      hint: 'Run `ctxlock verify` to see what was changed.',
    })
  }
  const { path, recordedHash, currentHash } = rebuilt
  return new CommandError({
    exit: EXIT_CODE.stale,
    code: 'SOURCE_CHANGED',
    message: `the bytes cannot be rebuilt: ${path} ${currentHash === null ? 'is gone' : `is now ${currentHash}`}, the call used ${recordedHash}`,
    hint,
    details: { path, recorded_hash: recordedHash, current_hash: currentHash },
  })
}
