import { canonicalize } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { boundAtStart, builtPair } from '../../test/governed.ts'
import type { ContextPackBinding } from '@ctxlock/contracts/packs'

import { bindingIdOf } from './binding.ts'
import { explainBinding } from './binding-explanation.ts'
import { verifyBinding, type VerifyBindingInput } from './binding-verification.ts'
import { operatorSummary } from './operator-summary.ts'

const pair = builtPair()
const binding = boundAtStart(pair)
const bytesOf = (pack: object) => new TextEncoder().encode(canonicalize(pack))

interface Change extends Partial<VerifyBindingInput> {
  /** What the store has in the place of the bound packs. */
  readonly rolePackBytes?: Uint8Array | undefined
  readonly workUnitPackBytes?: Uint8Array | undefined
}

function verify(change: Change = {}) {
  const stored = {
    rolePackBytes: bytesOf(pair.rolePack.pack),
    workUnitPackBytes: bytesOf(pair.workUnitPack.pack),
    ...change,
  }
  return verifyBinding({
    binding,
    readArtifact: (hash) =>
      hash === binding.role_pack.artifact.content_hash ? stored.rolePackBytes : stored.workUnitPackBytes,
    job: {
      job_id: 'job-1',
      wp_id: 'WP-1',
      mt_id: 'MT-001',
      governance_mode: 'gov_standard',
      automation_level: 'HYBRID',
    },
    protocolPins: pair.rolePack.pack.protocol_refs,
    ...change,
  })
}

/** A binding that says something else about itself, with the id of that. */
const sealed = (change: Partial<ContextPackBinding>) => {
  const changed = { ...binding, ...change }
  return { ...changed, binding_id: bindingIdOf(changed) }
}

function codes(change: Change): readonly string[] {
  const result = verify(change)
  return result.status === 'valid' ? [] : result.failures.map(({ code }) => code)
}

const { job } = {
  job: {
    job_id: 'job-1',
    wp_id: 'WP-1',
    mt_id: 'MT-001',
    governance_mode: 'gov_standard',
    automation_level: 'HYBRID',
  } as const,
}
const pins = pair.rolePack.pack.protocol_refs

test('a binding whose parts belong together is valid and returns them', () => {
  expect(verify()).toEqual({
    status: 'valid',
    binding,
    rolePack: pair.rolePack.pack,
    workUnitPack: pair.workUnitPack.pack,
  })
})

describe('T-X-CP-08', () => {
  test.each<[string, string[], Change]>([
    ['an absent role pack', ['PACK_MISSING'], { rolePackBytes: undefined }],
    ['an absent work-unit pack', ['PACK_MISSING'], { workUnitPackBytes: undefined }],
    [
      'other bytes',
      ['PACK_HASH_MISMATCH'],
      { rolePackBytes: bytesOf({ ...pair.rolePack.pack, created_at: '2026-01-01T00:00:00.000Z' }) },
    ],
    ['the packs exchanged', ['PACK_HASH_MISMATCH'], { workUnitPackBytes: bytesOf(pair.rolePack.pack) }],
    [
      'a valid pack that was not bound',
      ['PACK_HASH_MISMATCH'],
      { rolePackBytes: bytesOf(builtPair({ capabilities: [] }).rolePack.pack) },
    ],
    ['another job', ['PACK_WORK_UNIT_MISMATCH'], { job: { ...job, job_id: 'job-2' } }],
    ['another micro-task', ['PACK_WORK_UNIT_MISMATCH'], { job: { ...job, mt_id: 'MT-002' } }],
    ['another work packet', ['PACK_WORK_UNIT_MISMATCH'], { job: { ...job, wp_id: 'WP-2' } }],
    [
      'an older protocol version',
      ['PACK_PROTOCOL_MISMATCH'],
      { protocolPins: pins.map((pin) => ({ ...pin, version: '2' })) },
    ],
    [
      'another protocol text',
      ['PACK_PROTOCOL_MISMATCH'],
      { protocolPins: pins.map((pin) => ({ ...pin, content_hash: 'a'.repeat(64) })) },
    ],
    ['a protocol that is not pinned', ['PACK_PROTOCOL_MISMATCH'], { protocolPins: pins.slice(1) }],
    [
      'a pinned protocol the pack lacks',
      ['PACK_PROTOCOL_MISMATCH'],
      { protocolPins: [...pins, { ref_id: 'x', version: '1', content_hash: 'a'.repeat(64) }] },
    ],
    ['another mode', ['PACK_GOVERNANCE_MISMATCH'], { job: { ...job, governance_mode: 'gov_strict' } }],
    ['another level', ['PACK_GOVERNANCE_MISMATCH'], { job: { ...job, automation_level: 'LOCKED' } }],
    [
      'another role',
      ['PACK_ROLE_MISMATCH'],
      { binding: sealed({ identity: { ...binding.identity, role: 'reviewer' } }) },
    ],
    ['a rejected binding', ['PACK_CONSTRAINTS_WEAKENED'], { binding: sealed({ constraint_check: 'rejected' }) }],
    ['a binding that was edited', ['PACK_HASH_MISMATCH'], { binding: { ...binding, provider_id: 'elsewhere' } }],
    [
      'another effective hash',
      ['PACK_HASH_MISMATCH'],
      { binding: sealed({ role_pack: { ...binding.role_pack, effective_hash: 'a'.repeat(64) } }) },
    ],
    ['an unknown field', ['PACK_INVALID'], { binding: { ...binding, extra: 1 } }],
    ['nothing', ['PACK_INVALID'], { binding: undefined }],
    [
      'several at once',
      ['PACK_WORK_UNIT_MISMATCH', 'PACK_GOVERNANCE_MISMATCH'],
      { job: { ...job, mt_id: null, governance_mode: 'gov_light' } },
    ],
  ])('%s', (_, expected, change) => {
    expect(codes(change)).toEqual(expected)
  })

  test('the order of the pins does not matter', () => {
    expect(codes({ protocolPins: pins.toReversed() })).toEqual([])
  })
})

test('the explanation lists sources, rules and counts, and no text', () => {
  const redacting = builtPair(
    {},
    { task: { title: 'Mail a@example.org', scope: 's', actions: ['b@example.org and c@example.org'] } },
  )
  const explained = explainBinding(boundAtStart(redacting), redacting.rolePack.pack, redacting.workUnitPack.pack)
  expect(explained.role_pack).toMatchObject({
    sources: redacting.rolePack.pack.sources,
    rule_ids: redacting.rolePack.pack.strict_rules.map(({ rule_id }) => rule_id),
    redaction_count: 0,
  })
  expect(explained.work_unit_pack).toMatchObject({
    redaction_count: 3,
    context_packs: [{ payload_hash: 'd'.repeat(64) }],
  })
  for (const { text } of redacting.rolePack.pack.strict_rules) expect(JSON.stringify(explained)).not.toContain(text)
})

describe('the operator summary', () => {
  const freshness = { fresh: 3, regenerated: 1, fallback: 0, degraded: 0 }

  test('is the table of the specification', () => {
    expect(operatorSummary(binding, pair.rolePack.pack, pair.workUnitPack.pack, { freshness })).toEqual({
      role: 'worker',
      runtime_role: 'worker',
      model_id: 'model-a',
      provider_id: 'local',
      backend: 'local',
      parameter_class: 'P7B',
      role_pack_hash: pair.rolePack.pack.pack_hash,
      work_unit_pack_hash: pair.workUnitPack.pack.pack_hash,
      requested_vs_effective: 'same',
      wp_id: 'WP-1',
      mt_id: 'MT-001',
      lock_paths: ['docs/guide.md', 'src/a.ts', 'src/b.ts'],
      cloud: 'no',
      freshness,
    })
  })

  test('shortens many locks and names the receipt of a cloud call', () => {
    const lockKeys = Array.from({ length: 14 }, (_, i) => `src/${String.fromCharCode(97 + i)}.ts`).concat(
      'docs/guide.md',
    )
    const many = builtPair({}, { lockKeys })
    const changed = { ...binding, delta_paths: ['/role_pack/sources'] }
    const summary = operatorSummary(changed, many.rolePack.pack, many.workUnitPack.pack, {
      consentReceiptId: 'r-1',
      freshness,
    })
    expect(summary).toMatchObject({ cloud: 'yes (r-1)', requested_vs_effective: 'changed (1 paths)' })
    expect(summary.lock_paths).toHaveLength(11)
    expect(summary.lock_paths.at(-1)).toBe('+5 more')
  })
})
