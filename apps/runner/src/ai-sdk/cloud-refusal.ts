import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { Session } from '../session/session.ts'
import type { SdkCall, SdkRefusal } from './sdk-call.ts'

/**
 * What the workspace says about cloud models holds for applications too: LOCKED always, and a config whose profile does not
 * allow them. A workspace without a config has said nothing, and the application decides (decisions/0030).
 */
export function cloudRefusal(
  policy: Pick<Session, 'profile' | 'automationLevel' | 'configFromFile'>,
  call: SdkCall,
): SdkRefusal | undefined {
  const { governance, profile_id } = policy.profile
  if (call.tier === 'local') return undefined
  if (policy.automationLevel === 'LOCKED' || governance.automation_level === 'LOCKED')
    return refusal(call, 'HSK-403-LOCKED', 'C2', 'the automation level is LOCKED')
  if (policy.configFromFile && !governance.allow_cloud_escalation)
    return refusal(call, 'HSK-403-CLOUD-DISABLED', 'C3', `the profile ${profile_id} does not allow cloud models`)
  return undefined
}

function refusal({ callId, model }: SdkCall, code: string, check: string, reason: string): SdkRefusal {
  return {
    error: new CommandError({
      exit: EXIT_CODE.refused,
      code,
      message: `the model ${model} was not called: ${reason}, and where this model is cannot be seen`,
      hint: 'A model on this machine: ctxlock({ baseURL }) and its `fetch`. A cloud model: allow_cloud_escalation in the profile.',
    }),
    event: (base) => ({
      ...base,
      fr_event_id: 'FR-EVT-CLOUD-003',
      type: 'cloud_escalation_denied',
      payload: {
        request_id: callId,
        reason: 'ai_sdk_call',
        requested_model_id: model,
        outcome: 'denied',
        denied_check: check,
      },
    }),
  }
}
