import { ProviderError } from '@ctxlock/contracts/provider'
import type { RejectedModel } from '@ctxlock/governance'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { RoutedRole } from './route-role.ts'

/** Why nobody serves a role: refused by policy, or there and not ready, which is the provider's failure. */
export function noModel(roleId: string, { resolution: { rejected }, stateOf }: RoutedRole): Error {
  const reasons = rejected.map((model) => `${model.model_id} (${reasonOf(model, stateOf)})`).join(', ')
  if (rejected.some(({ reason }) => reason === 'tier_refused')) {
    return new ProviderError('ssrf_blocked', `No model may serve the role ${roleId}: ${reasons}.`, {
      attempts: 0,
      reason: 'tier_refused',
    })
  }
  const isDown = rejected.some(({ reason }) => reason === 'not_ready')
  return new CommandError({
    exit: isDown ? EXIT_CODE.provider : EXIT_CODE.refused,
    code: 'CX-MM-001',
    message: `no model ${isDown ? 'is ready to' : 'may'} serve the role ${roleId}: ${reasons === '' ? 'the profile names none' : reasons}`,
    hint: isDown
      ? 'Start the server, or look at `ctxlock providers`; nothing was sent.'
      : 'Look at `ctxlock profile simulate`, then at `profiles` in the config.',
  })
}

/** A reason for a person: what the server said, where it was asked. */
export function reasonOf({ provider_id, model_id, reason }: RejectedModel, stateOf: RoutedRole['stateOf']): string {
  const state = provider_id === null ? undefined : stateOf({ provider_id, model_id })
  const place = provider_id === null ? '' : ` at ${provider_id}`
  if (reason === 'not_ready' && state) {
    return `not_ready${place}: ${state.state}${state.reason === undefined ? '' : `, ${state.reason}`}`
  }
  return `${reason}${place}${state?.remote === true ? ': another machine serves it' : ''}`
}
