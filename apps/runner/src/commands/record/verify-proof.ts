import { checkProof } from '@ctxlock/flight-recorder'

import { readPublicKey } from '../../anchors/public-key.ts'
import { CommandError } from '../../command-error.ts'
import type { CommandContext, GlobalOptions } from '../../command-line/command-context.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { readGivenFile } from '../export/given-file.ts'

const GIVEN = {
  maxBytes: 16 * 1024 * 1024,
  code: 'PROOF_UNREADABLE',
  hint: 'Give the file that `ctxlock prove` wrote.',
}

/** `ctxlock verify-proof`: checks a proof with nothing but the public key; needs no workspace. */
export async function verifyProof(
  [file = '']: readonly string[],
  { output, options }: CommandContext<GlobalOptions & { readonly key: string }>,
): Promise<number> {
  const checked = checkProof(readGivenFile(file, GIVEN).toString('utf8'), readPublicKey(options.key))
  if (!checked.ok) {
    throw new CommandError({
      exit: EXIT_CODE.verificationFailed,
      code: 'PROOF_REFUSED',
      message: `${file} proves nothing: ${checked.problem}`,
      hint: 'Ask for the proof and the public key again, each by another way.',
    })
  }
  const { event, checkpoint } = checked
  output.result({ ok: true, exit: EXIT_CODE.done, checkpoint, event })
  output.line(`signed      ${checkpoint.origin}, ${checkpoint.size} events`)
  output.line(`event       ${event.seq}: ${event.type}, ${event.timestamp}`)
  output.line(JSON.stringify(event, null, 2))
  output.line(
    'The log that was signed holds this event at this place. When it was signed, and what else it holds, it does not say.',
  )
  return EXIT_CODE.done
}
