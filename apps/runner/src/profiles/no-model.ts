import { ProviderError } from '@ctxlock/contracts/provider'
import type { RejectedModel } from '@ctxlock/governance'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { RoutedRole } from './route-role.ts'

const BARRED: ReadonlySet<string> = new Set(['local_only', 'cloud_disabled', 'locked'])

/** Every model that may be used is down, and the next one is a cloud model that may not: only a person can go on (MT-028). */
export function endsAtHardGate({ resolution: { chosen, rejected } }: RoutedRole): boolean {
  return !chosen && isDown(rejected) && rejected.some(({ reason }) => BARRED.has(reason))
}

/** Why nobody serves a role: refused by policy, or there and not ready, which is the provider's failure. */
export function noModel(roleId: string, routed: RoutedRole): Error {
  const {
    resolution: { rejected },
    stateOf,
  } = routed
  const reasons = rejected.map((model) => `${model.model_id} (${reasonOf(model, stateOf)})`).join(', ')
  if (rejected.some(({ reason }) => reason === 'tier_refused')) {
    return new ProviderError('ssrf_blocked', `No model may serve the role ${roleId}: ${reasons}.`, {
      attempts: 0,
      reason: 'tier_refused',
    })
  }
  const code = 'CX-MM-001'
  if (!isDown(rejected)) {
    return new CommandError({
      exit: EXIT_CODE.refused,
      code,
      message: `no model may serve the role ${roleId}: ${reasons === '' ? 'the profile names none' : reasons}`,
      hint: 'Look at `ctxlock profile simulate`, then at `profiles` in the config.',
    })
  }
  const gate = endsAtHardGate(routed)
  return new CommandError({
    exit: gate ? EXIT_CODE.needsPerson : EXIT_CODE.provider,
    code,
    message: `no model is ready to serve the role ${roleId}: ${reasons}`,
    hint: gate ? GATE_HINT : rejected.some((model) => isMisconfigured(model, routed)) ? CONFIG_HINT : SERVER_HINT,
  })
}

const GATE_HINT =
  'Start the local server, or let it finish loading, and go on with `ctxlock resume`, or start a new run under another profile; nothing was sent.'
const CONFIG_HINT =
  'Set the environment variable that `secret_ref` of the provider names to its key, or correct its entry in the config. Nothing was sent.'
const SERVER_HINT =
  'Start the server, or let it finish loading; `ctxlock providers` says what it answers. Nothing was sent.'

/** Its key is missing or no header could carry it, or its entry is unusable: starting a server would not help. */
function isMisconfigured({ provider_id, model_id }: RejectedModel, { stateOf }: RoutedRole): boolean {
  return provider_id !== null && stateOf({ provider_id, model_id })?.reason === 'invalid_config'
}

function isDown(rejected: readonly RejectedModel[]): boolean {
  return rejected.some(({ reason }) => reason === 'not_ready')
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
