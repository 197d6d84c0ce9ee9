import { Option } from 'commander'

import { positiveInteger } from './numbers.ts'
import { repeatable, type CommandLine } from './command-line.ts'

/** `ctxlock consent …` */
export function consentCommands({ command, group }: CommandLine): void {
  const consents = group(
    'consent',
    'answer for the bytes that wait to go to a cloud model: list, show, approve, deny, revoke',
    'ctxlock consent show last',
  )
  command(
    'list',
    'list what was asked, and what became of it',
    'ctxlock consent list',
    async () => (await import('../consent/consent-report.ts')).listConsent,
    { group: consents, isDefault: true },
  )
  command(
    'show <request>',
    'show where the bytes would go, their size, hash, sources, redactions and cost',
    'ctxlock consent show last --bytes',
    async () => (await import('../consent/consent-report.ts')).showConsent,
    { group: consents },
  ).option('--bytes', 'print exactly the bytes that would leave')
  command(
    'approve <request>',
    'agree to exactly these bytes; on a terminal, or with the hash that was shown',
    'ctxlock consent approve 01a7dd0f --hash 5d9f2028',
    async () => (await import('../consent/answer-request.ts')).approveRequest,
    { group: consents },
  )
    .option('--hash <sha256>', 'the hash that was shown, at least its first 8 digits')
    .addOption(
      new Option('--scope <scope>', 'what the consent covers (call)').choices([
        'call',
        'session',
        'work-packet',
        'broadcast',
      ]),
    )
    .addOption(repeatable('--with <request>', 'for a broadcast: cover the session of this request too'))
    .option('--minutes <count>', 'how long it holds (15)', positiveInteger)
    .option('--max-calls <count>', 'for a scope wider than one call: how many', positiveInteger)
    .option('--max-bytes <count>', 'for a scope wider than one call: bytes in all of them', positiveInteger)
  command(
    'deny <request>',
    'refuse these bytes, for good in this run',
    'ctxlock consent deny last',
    async () => (await import('../consent/answer-request.ts')).denyRequest,
    { group: consents },
  ).option('--reason <text>', 'why, kept with the answer')
  command(
    'revoke <receipt>',
    'take a consent back, and cancel what waits or runs by it',
    'ctxlock consent revoke last',
    async () => (await import('../consent/revoke-consent.ts')).revokeConsent,
    { group: consents },
  )
}
