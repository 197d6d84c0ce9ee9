import { eventMatches } from '@ctxlock/ace-validators/poisoning'
import { scannerFor } from '@ctxlock/ace-validators/scanner'
import { SECRET_CATEGORIES } from '@ctxlock/contracts/ports'
import { keyedDigest } from '@ctxlock/core-hash'

import { scanPolicy } from '../scan/scan-policy.ts'
import type { Session } from '../session/session.ts'
import type { SdkCall, SdkRefusal } from './sdk-call.ts'
import { violationRefusal } from './violation-refusal.ts'

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
  return violationRefusal(session, call, {
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
    return violationRefusal(session, call, {
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
