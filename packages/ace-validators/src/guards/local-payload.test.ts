import type { CallInput } from '@ctxlock/contracts/guards'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { describe, expect, it } from 'vitest'

import { callInput, HASH, MAGIC } from '../../test/support/call-input.ts'
import { ask, problems } from '../../test/support/run.ts'
import { handleOf } from '../../test/support/workspace.ts'
import { localPayloadGuard as guard } from './local-payload.ts'

const good: Partial<ArtifactHandle> = {
  kind: 'prompt_payload',
  uri: '/encrypted/ab/cd',
  exportable: false,
  retention_ttl_days: 7,
}

function withPayload(more: Partial<ArtifactHandle>, header = `${MAGIC}0011`): CallInput {
  const input = callInput({ ports: { vault: { header: () => Buffer.from(header, 'hex') } } })
  const local_only_payload_ref = handleOf('payload', HASH, 64, { ...good, ...more })
  return { ...input, snapshot: { ...input.snapshot, local_only_payload_ref } }
}

describe('T-ACE-MIN-08: local-only payload', () => {
  it('does not apply without one and passes the proper object', () => {
    expect(ask(guard, callInput()).verdict).toBe('not_applicable')
    expect(ask(guard, withPayload({}))).toMatchObject({ verdict: 'pass', warnings: [] })
    expect(ask(guard, withPayload({ uri: '/encrypted/with%20space' })).verdict).toBe('pass')
  })

  it.each([
    '/cache/encrypted/x',
    '/encrypted/../plain/x',
    '/encrypted%2f..%2fx',
    '/Encrypted/x',
    'encrypted/x',
    '/encrypted/',
    '/encrypted',
    '/encrypted-evil/x',
    '/encrypted/%2e%2e/plain',
    '/encrypted/%252e%252e/plain',
    '/encrypted/./x',
    '/encrypted//x',
    '//encrypted/x',
    '/encrypted/a\\b',
    '/encrypted/a%5cb',
    '/encrypted/a%00b',
    '/encrypted/a\0b',
    '/encrypted/a%2fb',
    '/encrypted/%',
    '/encrypted/%ff',
    'file:///encrypted/x',
    'https://host/encrypted/x',
    '/%65ncrypted/../x',
    '',
    '/',
  ])('refuses the address %j', (uri) => {
    expect(problems(ask(guard, withPayload({ uri })))).toEqual(['LocalPayloadViolation uri_outside_vault'])
  })

  it('refuses another kind, an exportable object and plain text', () => {
    expect(problems(ask(guard, withPayload({ kind: 'file' })))).toEqual(['LocalPayloadViolation kind'])
    expect(problems(ask(guard, withPayload({ exportable: true })))).toEqual(['LocalPayloadViolation exportable'])
    expect(problems(ask(guard, withPayload({}, Buffer.from('{"messages":[').toString('hex'))))).toEqual([
      'LocalPayloadViolation not_ciphertext',
    ])
    expect(problems(ask(guard, withPayload({}, MAGIC.slice(0, 6))))).toEqual(['LocalPayloadViolation not_ciphertext'])
  })

  it('refuses when the host configured no scheme to compare with', () => {
    const input = withPayload({})
    for (const payload_magic of ['', 'zz', '43']) {
      expect(problems(ask(guard, { ...input, policy: { ...input.policy, payload_magic } }))).toEqual([
        'LocalPayloadViolation not_ciphertext',
      ])
    }
  })

  it('only warns about a missing time to live', () => {
    const { retention_ttl_days: _ttl, ...handle } = handleOf('payload', HASH, 64, good)
    const input = withPayload({})
    const outcome = ask(guard, { ...input, snapshot: { ...input.snapshot, local_only_payload_ref: handle } })
    expect(outcome).toMatchObject({ verdict: 'pass', warnings: ['local_payload_without_ttl'] })
  })
})
