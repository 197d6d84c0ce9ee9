import { CommandError } from '../command-error.ts'
import { answerRequest } from '../consent/answer-request.ts'
import { listConsent, showConsent } from '../consent/consent-report.ts'
import { revokeConsent } from '../consent/revoke-consent.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { CommandContext, GlobalOptions } from './command-context.ts'

export interface ConsentOptions extends GlobalOptions {
  readonly bytes?: boolean
  readonly hash?: string
  readonly scope?: 'call' | 'session' | 'work-packet'
  readonly minutes?: number
  readonly maxCalls?: number
  readonly maxBytes?: number
}

/** `ctxlock consent`: what waits for a person, and the person's answer. */
export async function consentCommand(
  [action = '', id]: readonly string[],
  context: CommandContext<ConsentOptions>,
): Promise<number> {
  if (action === 'list' && id === undefined) return listConsent(context)
  if (id === undefined) throw usage(action)
  switch (action) {
    case 'show':
      return showConsent(id, context)
    case 'approve':
    case 'deny':
      return answerRequest(action, id, context)
    case 'revoke':
      return revokeConsent(id, context)
    default:
      throw usage(action)
  }
}

function usage(action: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'USAGE',
    message: `expected \`consent list\`, or \`consent show|approve|deny|revoke <id>\`; got \`consent ${action.slice(0, 40)}\``,
    hint: 'Run ctxlock consent --help.',
  })
}
