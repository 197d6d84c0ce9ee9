import { openCheckpoint, parseVerifierKey } from '@ctxlock/flight-recorder'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

/** Before evidence is handed out together with a key: one that did not sign the log would call all of it broken. Throws `KEY_FOREIGN`. */
export function checkSigner(checkpoint: string, publicKey: string): void {
  if (openCheckpoint(checkpoint, parseVerifierKey(publicKey)).state !== 'other_key') return
  throw new CommandError({
    exit: EXIT_CODE.verificationFailed,
    code: 'KEY_FOREIGN',
    message: `the log was signed with another key than ${publicKey}; nothing was written`,
    hint: 'A report takes the public key of whoever recorded it with --key; a bundle is sealed on the machine that has their key.',
  })
}
