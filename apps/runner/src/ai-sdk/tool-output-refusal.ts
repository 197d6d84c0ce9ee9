import { inlineOutputErrors } from '@ctxlock/ace-validators'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Session } from '../session/session.ts'
import type { SdkCall, SdkRefusal } from './sdk-call.ts'

/**
 * ArtifactHandleOnlyGuard for an application, where the workspace states how long a tool's output in a prompt may be: nobody can put a
 * handle into somebody else's prompt, so that only a limit that was asked for ends a call. Like in a governed call it is no violation.
 */
export function toolOutputRefusal(session: Pick<Session, 'config'>, call: SdkCall): SdkRefusal | undefined {
  const { statedToolOutputLimit: limit } = session.config.policy
  const [error] = limit === null ? [] : inlineOutputErrors(call.toolOutputs, limit)
  return (
    error && {
      error: new CommandError({
        exit: EXIT_CODE.refused,
        code: error.code,
        message: `the model ${call.model} was not called: a tool's output is ${String(error.details['length'])} characters long, and ${limit} are allowed`,
        hint: 'Shorten what the tool returns, or raise `policy.retrieval.tool_delta_inline_char_limit` in the config.',
      }),
    }
  )
}
