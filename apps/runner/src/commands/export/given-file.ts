import { readFileSync, statSync } from 'node:fs'

import { CommandError } from '../../command-error.ts'
import { EXIT_CODE } from '../../exit-code.ts'

interface GivenFileRules {
  /** A larger one is not read: it comes from somebody else. */
  readonly maxBytes: number
  readonly code: string
  readonly hint: string
}

/** The bytes of a file that a person was given to check. Throws the code that is named when there is no such file, or too large a one. */
export function readGivenFile(file: string, { maxBytes, code, hint }: GivenFileRules): Buffer {
  const unreadable = (message: string, cause?: unknown) =>
    new CommandError({ exit: EXIT_CODE.usage, code, message, hint }, { cause })
  try {
    if (statSync(file).size <= maxBytes) return readFileSync(file)
  } catch (error) {
    throw unreadable(`${file} cannot be read`, error)
  }
  throw unreadable(`${file} is larger than ${maxBytes} bytes`)
}
