import { canonicalize } from '@ctxlock/core-hash'
import type { ArtifactHandle } from '@ctxlock/contracts/references'

import type { Person } from '../../consent/person.ts'
import type { Session } from '../../session/session.ts'
import { attemptCalls, type Attempt, type Trial, type TrialCall } from './attempt.ts'
import { AS_MEANT, type TrialSettings } from './trial-config.ts'

export interface Attack {
  readonly name: string
  /** The code it has to be refused with: an attack that fails for another reason shows nothing. */
  readonly expected: string
  readonly attempt: Attempt
}

/** The attack that only somebody meets who said yes. */
export const RECEIPT_TWICE = 'the receipt used a second time'

/**
 * Five ways past a person, each by the same code as any call. All of them have to be refused with no byte sent. `spent` is the call
 * that was repeated after its receipt had been used; without a receipt there is nothing to use twice.
 */
export async function attacks(trial: Trial, spent: Attempt | undefined): Promise<Attack[]> {
  const one = async (settings: TrialSettings, call: (session: Session) => TrialCall) => {
    const [attempt] = await attemptCalls(trial, settings, [call])
    if (!attempt) throw new TypeError('one call is one attempt')
    return attempt
  }
  const withCanary = (session: Session) => ({ person: yesSayer, attachments: [nestedCanary(session)] })
  return [
    {
      name: 'a byte changed after the approval',
      expected: 'HSK-403-CONSENT-INVALID',
      attempt: await one(AS_MEANT, () => ({ person: byteChanger })),
    },
    ...(spent ? [{ name: RECEIPT_TWICE, expected: 'CX-MM-CONSENT-MISSING', attempt: spent }] : []),
    {
      name: 'a canary two bundles deep',
      expected: 'CloudLeakageBlocked',
      attempt: await one(AS_MEANT, withCanary),
    },
    {
      name: 'automation level LOCKED',
      expected: 'HSK-403-LOCKED',
      attempt: await one({ ...AS_MEANT, locked: true }, () => ({ person: yesSayer })),
    },
    {
      name: 'a cloud-served model on loopback, declared local',
      expected: 'CX-MM-001',
      attempt: await one({ declared: 'local', locked: false }, () => ({ person: yesSayer })),
    },
  ]
}

/** Approves whatever it is shown: what refuses a call with this person there is not the person. */
export const yesSayer: Person = { answer: async () => 'approved' }

export const denier: Person = { answer: async () => 'denied' }

/** Approves, and changes the request in memory before it is sent. */
const byteChanger: Person = {
  async answer({ body }) {
    body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1
    return 'approved'
  },
}

/** A confidential object inside of a bundle inside of a bundle; both bundles say of themselves that they may leave. */
function nestedCanary({ artifacts }: Session): ArtifactHandle {
  const canary = artifacts.put(Buffer.from('canary: this must not leave'), {
    kind: 'file',
    classification: 'high',
    retentionTtlDays: 1,
  })
  const bundle = (path: string, { content_hash, size_bytes }: ArtifactHandle) =>
    artifacts.put(Buffer.from(canonicalize([{ content_hash, path, size_bytes }])), {
      kind: 'bundle',
      classification: 'low',
      exportable: true,
    })
  return bundle('inner', bundle('canary', canary))
}
