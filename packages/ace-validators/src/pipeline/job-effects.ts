import type { AceError, AceErrorCode } from '@ctxlock/contracts/guards'

/** What an error does to its job, strongest first (spec 05 section 1). */
export const JOB_EFFECTS = ['job_poisoned', 'call_blocked', 'job_failed', 'promotion_rejected'] as const
export type JobEffect = (typeof JOB_EFFECTS)[number]

const EFFECTS: Partial<Record<AceErrorCode, JobEffect>> = {
  PromptInjectionDetected: 'job_poisoned',
  JobBoundaryViolation: 'job_failed',
  IndexDrift: 'job_failed',
  ProvenanceMissing: 'job_failed',
  MemoryPromotionBlocked: 'promotion_rejected',
}

/** Every code that is not listed blocks the call. */
export function effectOf({ code }: AceError): JobEffect {
  return EFFECTS[code] ?? 'call_blocked'
}

export type ViolationType =
  | 'prompt_injection'
  | 'cloud_leakage'
  | 'job_boundary'
  | 'local_payload'
  | 'secret_in_content'

/** The security event an error asks for, or undefined (spec 05 section 1, REC-019). */
export function violationOf({ code, details }: AceError): ViolationType | undefined {
  switch (code) {
    case 'PromptInjectionDetected':
      return 'prompt_injection'
    case 'CloudLeakageBlocked':
      return details['reason'] === 'secret_in_content' ? 'secret_in_content' : 'cloud_leakage'
    case 'JobBoundaryViolation':
      return 'job_boundary'
    case 'LocalPayloadViolation':
      return 'local_payload'
    default:
      return undefined
  }
}
