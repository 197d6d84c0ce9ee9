// Finds and removes secrets, personal data, absolute paths and environment references (CP-032).
import { SECRET_CATEGORIES, type RedactionFinding, type Redactor } from '@ctxlock/contracts/ports'

import { credentialRules } from './redactor/credentials.ts'
import { environmentRules } from './redactor/environment.ts'
import { joinedLiterals } from './redactor/joined-literals.ts'
import { knownValueRules } from './redactor/known-values.ts'
import { namedValueRules } from './redactor/named-values.ts'
import { withoutOverlaps } from './redactor/overlaps.ts'
import { pathRules } from './redactor/paths.ts'
import { personalDataRules } from './redactor/personal-data.ts'
import { privateKeyRules } from './redactor/private-keys.ts'
import { replaceFindings } from './redactor/replacement.ts'
import type { Rule } from './redactor/rule.ts'
import { plainSpelling } from './redactor/spellings.ts'
import type { Span } from './redactor/substitution.ts'
import { innerTokenRules, tokenRules } from './redactor/token-rules.ts'
import { webhookRules } from './redactor/webhooks.ts'
import { buildAutomaton } from './scanner/automaton.ts'
import { base64Runs } from './scanner/decoding/base64-runs.ts'

export interface RedactorOptions {
  /**
   * Secrets this process holds, such as provider keys. They are found by exact value in plain, base64, hexadecimal,
   * percent and JSON spelling (CP-034). Values of fewer than eight characters are not looked for.
   */
  readonly secrets?: readonly string[]
}

/** Changes with the rules, and a test sees to it. Known values are no part of it: a pack's hash must not depend on a key. */
const VERSION = 'redactor@8'

/** Base64 of base64, and no further. */
const MOST_ENCODINGS = 2

const SECRET_RULES: readonly Rule[] = [
  ...tokenRules,
  ...innerTokenRules,
  ...namedValueRules,
  ...credentialRules,
  ...privateKeyRules,
  ...webhookRules,
]
const OTHER_RULES: readonly Rule[] = [...pathRules, ...personalDataRules, ...environmentRules]

/**
 * A redactor for text of any origin; both functions take time linear in the text. `detect` returns findings in order,
 * without overlap, as UTF-16 offsets. `redact` replaces each by `[REDACTED:<category>:<detector_id>]`; `detect` finds no
 * secret in what it returns (CP-033).
 */
export function createRedactor({ secrets = [] }: RedactorOptions = {}): Redactor {
  const triggered = [
    ...[...knownValueRules(secrets), ...SECRET_RULES].flatMap((rule) => asked(rule, true)),
    ...OTHER_RULES.flatMap((rule) => asked(rule, false)),
  ]
  const automaton = buildAutomaton(
    triggered.map(({ trigger }) => trigger),
    { ignoreAsciiCase: true },
  )

  function detect(text: string): RedactionFinding[] {
    const findings = detectWithin(text, MOST_ENCODINGS)
    const plain = plainSpelling(text)
    if (plain) {
      // Nothing else counts: `user:p%40ss@host` would hold an e-mail address.
      const hidden = detectWithin(plain.text, MOST_ENCODINGS).filter(
        ({ category }) => category === 'path' || SECRET_CATEGORIES.has(category),
      )
      findings.push(...plain.inOriginal(withoutOverlaps(hidden)))
    }
    return findings.length === 0 ? findings : withoutOverlaps(findings)
  }

  /** Also in the base64 and in the literals put together that a text holds, of which all has to go when they hold a secret. */
  function detectWithin(text: string, encodings: number): RedactionFinding[] {
    const findings = detectWritten(text)
    if (encodings === 0) return findings
    for (const { decoded, from } of base64Runs(text)) {
      const secret = detectWithin(decoded, encodings - 1).find(({ category }) => SECRET_CATEGORIES.has(category))
      if (secret) findings.push({ ...secret, ...from })
    }
    for (const { joined, from } of joinedLiterals(text)) {
      const secret = detectWritten(joined).find(({ category }) => SECRET_CATEGORIES.has(category))
      if (secret) findings.push({ ...secret, ...from })
    }
    return findings
  }

  function detectWritten(text: string): RedactionFinding[] {
    const findings: RedactionFinding[] = []
    let secret: Span = { start: 0, end: 0 }
    let other = secret
    automaton.visitAll(text, (pattern, end) => {
      const candidate = triggered[pattern]
      // What stands inside a finding is gone already; only a secret inside something else must still be told.
      if (candidate === undefined || endsIn(secret, end) || (!candidate.secret && endsIn(other, end))) return
      const finding = candidate.rule.find(text, end - candidate.trigger.length, end)
      if (!finding || finding.end <= finding.start) return
      findings.push(finding)
      if (candidate.secret) secret = finding.end > secret.end ? finding : secret
      else if (finding.category !== 'env') other = finding.end > other.end ? finding : other
    })
    return findings
  }

  return {
    version: VERSION,
    detect,
    redact: (text) => replaceFindings(text, detect),
  }
}

/** A trigger may stand before what it led to: the user name of `-u name:password` is not gone with the password. */
function endsIn({ start, end }: Span, offset: number): boolean {
  return offset > start && offset <= end
}

function asked(rule: Rule, secret: boolean) {
  return rule.triggers.map((trigger) => ({ rule, trigger, secret }))
}
