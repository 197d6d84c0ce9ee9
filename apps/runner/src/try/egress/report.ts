import { disclosureLines } from '../../consent/disclosure-lines.ts'
import type { Disclosure } from '../../consent/disclosure.ts'
import { RECEIPT_TWICE, type Attack } from './attacks.ts'
import type { Attempt } from './attempt.ts'
import { isAsAnswered, isRefused, type Answer, type EgressTrial } from './trial.ts'

/** Everything a person is shown before deciding, with the body itself. */
export function disclosedLines(disclosure: Disclosure): string[] {
  return ['', ...disclosureLines(disclosure), 'body', new TextDecoder().decode(disclosure.body), '']
}

export function answerLine(given: Answer): string {
  const said = given.answer === 'approved' ? 'yes       ' : 'no        '
  return `${said} ${receivedText(given.attempt)}${isAsAnswered(given) ? ', as answered' : ', WHICH IS NOT WHAT WAS ANSWERED'}`
}

export function attackLine(attack: Attack): string {
  const { name, attempt } = attack
  const { refusal } = attempt
  const by = refusal === undefined ? '' : ` by ${[refusal.code, refusal.check].filter(Boolean).join(' ')}`
  return `${isRefused(attack) ? 'refused   ' : 'NOT SHOWN '} ${name}${by}; ${receivedText(attempt)}`
}

/** The attack that takes a yes, where nobody said one. */
export const NO_RECEIPT = `not made   ${RECEIPT_TWICE}: nobody said yes, so there is no receipt`

function receivedText({ received }: Attempt): string {
  if (received.length === 0) return 'the sink received 0 bytes'
  return `the sink received ${received.map(({ bytes, sha256 }) => `${bytes} bytes with sha256 ${sha256}`).join(' and ')}`
}

/** The trial as data, the body included. */
export function trialJson({ answers, attacks }: EgressTrial) {
  return {
    answers: answers.map(({ answer, disclosure: { plan, body, sources }, attempt }) => ({
      answer,
      body: new TextDecoder().decode(body),
      payload_bytes: plan.max_bytes,
      payload_sha256: plan.payload_sha256,
      sources,
      redactions: plan.redactions_applied,
      ...attempt,
    })),
    attacks: attacks.map((attack) => ({ name: attack.name, refused: isRefused(attack), ...attack.attempt })),
  }
}
