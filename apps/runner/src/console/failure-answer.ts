import type { ApiFailure } from '@ctxlock/console'

import { EXIT_CODE } from '../exit-code.ts'
import { asCommandError } from '../failure/failure.ts'

/** What failed, as a command would say it. Messages hold no text of a source, a prompt or a reply. */
export function failureAnswer(error: unknown) {
  const { code, message, hint, exit, details } = asCommandError(error)
  const body: ApiFailure = {
    error: { code, message, ...(hint !== undefined && { hint }), ...(details && { details }) },
  }
  return { status: exit === EXIT_CODE.failed ? 500 : exit === EXIT_CODE.usage ? 404 : 409, body } as const
}
