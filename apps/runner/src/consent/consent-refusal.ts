import type { ConsentRequest } from '@ctxlock/contracts/consent'
import type { CloudRefusal } from '@ctxlock/governance'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { PersonAnswer } from './person.ts'

export const CONSENT_MISSING = 'CX-MM-CONSENT-MISSING'
export const CONSENT_DENIED = 'CONSENT_DENIED'

/** Nobody has answered, or is there to be asked: the run waits with its request written down. */
export function waitsForPerson({ request, plan, run_id }: ConsentRequest, answer?: PersonAnswer): CommandError {
  const id = request.request_id.slice(0, 8)
  return new CommandError({
    exit: answer === 'interrupted' ? EXIT_CODE.cancelled : EXIT_CODE.needsPerson,
    code: CONSENT_MISSING,
    message: `${plan.max_bytes} bytes for the cloud model ${request.requested_model_id} wait for a person's consent (request ${id}); nothing was sent`,
    hint: `\`ctxlock consent show ${id}\`, \`ctxlock consent approve ${id} --hash <the digits it prints>\`, then \`ctxlock resume ${run_id.slice(0, 8)}\`.`,
    details: {
      request_id: request.request_id,
      run_id,
      payload_sha256: plan.payload_sha256,
      payload_bytes: plan.max_bytes,
    },
  })
}

/** The same refusal for a person who was asked and left the question. */
export function interruptedQuestion({ code, message, hint, details }: CommandError): CommandError {
  return new CommandError({
    exit: EXIT_CODE.cancelled,
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(details && { details }),
  })
}

export function waitsForConsent(error: unknown): error is CommandError {
  return error instanceof CommandError && error.exit !== EXIT_CODE.refused && error.code === CONSENT_MISSING
}

export function deniedByPerson({ request }: ConsentRequest): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: CONSENT_DENIED,
    message: `a person denied the call to the cloud model ${request.requested_model_id}; nothing was sent`,
    hint: 'Choose a local model, or ask again in a new run.',
  })
}

export function refusedBy(refusal: CloudRefusal, modelId: string): CommandError {
  const missing = refusal.status_code === CONSENT_MISSING
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: refusal.status_code ?? refusal.code,
    message: `the call to the cloud model ${modelId} was not sent: expected that ${refusal.reason} (${refusal.check})`,
    hint: missing
      ? 'The receipt does not cover this call any more; ask again in a new run. Nothing left this machine.'
      : 'The profile, the automation level or a guard forbids it; nothing left this machine.',
    details: { check: refusal.check },
  })
}
