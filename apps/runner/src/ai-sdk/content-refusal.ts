import { eventMatches } from '@ctxlock/ace-validators/poisoning'
import { scannerFor } from '@ctxlock/ace-validators/scanner'
import type { EventDraft } from '@ctxlock/contracts/events'
import { SECRET_CATEGORIES } from '@ctxlock/contracts/ports'
import { canonicalHash, keyedDigest } from '@ctxlock/core-hash'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { scanPolicy } from '../governed-call/scan-policy.ts'
import type { Session } from '../session/session.ts'
import type { SdkCall, SdkRefusal } from './sdk-call.ts'

const TEXT_DIGEST = 'ctxlock.sdk.text@1'

/**
 * What the guards of a governed call look for in its text: injection patterns in everything but the application's own
 * instructions (spec 05 section 3.6), and secrets in everything that may leave this machine (VAL-034). What they suspect cannot
 * be taken out of somebody else's prompt, so it ends the call like what they are sure of.
 */
export function contentRefusal(session: Session, call: SdkCall): SdkRefusal | undefined {
  return injectionRefusal(session, call) ?? (call.tier === 'cloud' ? secretRefusal(session, call) : undefined)
}

function injectionRefusal(session: Session, call: SdkCall): SdkRefusal | undefined {
  const blocks = call.texts
    .filter(({ isInstruction }) => !isInstruction)
    .map(({ place, text }) => ({
      block: place,
      text,
      content_hash: keyedDigest(session.state.digestKey, TEXT_DIGEST, Buffer.from(text)),
      candidate_id: null,
      source_ref_hash: null,
    }))
  const { action, matches } = scannerFor(scanPolicy(session.config.policy)).scan(blocks)
  const [match] = matches
  if (action === 'none' || !match) return undefined
  return refusal(session, call, {
    code: 'PromptInjectionDetected',
    what: `pattern ${match.pattern_id} (view ${match.view_id}) in ${match.members[0]?.block}`,
    hint: 'Take that text out of the call, or change what is looked for: `policy.injection_patterns` and `injection_packs`.',
    found: {
      violation_type: 'prompt_injection',
      severity: 'critical',
      guard: 'PromptInjectionGuard',
      error_code: action === 'poison' ? 'PromptInjectionDetected' : 'injection_suspected',
      matches: eventMatches(matches),
    },
  })
}

function secretRefusal(session: Session, call: SdkCall): SdkRefusal | undefined {
  for (const { place, text } of call.texts) {
    const finding = session.redactor.detect(text).find(({ category }) => SECRET_CATEGORIES.has(category))
    if (!finding) continue
    return refusal(session, call, {
      code: 'CloudLeakageBlocked',
      what: `a secret (${finding.detector_id}) in ${place}`,
      hint: 'Take it out of the call; a secret in a prompt is known to whoever serves the model.',
      found: {
        violation_type: 'secret_in_content',
        severity: 'high',
        guard: 'CloudLeakageGuard',
        error_code: 'CloudLeakageBlocked',
      },
    })
  }
  return undefined
}

type Violation = Extract<EventDraft, { type: 'security_violation' }>['payload']

interface Finding {
  readonly code: string
  /** What was found where, in words of ours. */
  readonly what: string
  readonly hint: string
  readonly found: Pick<Violation, 'violation_type' | 'severity' | 'guard' | 'error_code' | 'matches'>
}

function refusal(session: Session, call: SdkCall, { code, what, hint, found }: Finding): SdkRefusal {
  const message = `the model ${call.model} was not called: ${what}`
  return {
    error: new CommandError({ exit: EXIT_CODE.refused, code, message, hint }),
    event: (base) => ({
      ...base,
      fr_event_id: 'FR-EVT-SEC-VIOLATION',
      type: 'security_violation',
      payload: {
        ...found,
        violation_id: session.environment.random.uuid(),
        action_taken: 'blocked',
        job_state_from: 'running',
        job_state_to: 'failed',
        nodes_terminated: 0,
        child_jobs_cancelled: 0,
        mutation_fence: false,
        context_snapshot_id: null,
        policy_profile_id: session.config.policy.policyProfileId,
        idempotency_key: canonicalHash([call.callId, found.violation_type, found.guard]),
      },
    }),
  }
}
