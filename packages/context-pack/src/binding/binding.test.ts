import { ContextPackBinding } from '@ctxlock/contracts/packs'
import { describe, expect, test } from 'vitest'

import { bindingInput, boundAtStart, builtPair, ruleFile } from '../../test/governed.ts'
import type { RolePackInput } from '../roles/role-pack.ts'
import type { WorkUnitPackInput } from '../roles/work-unit-pack.ts'
import { parseRules } from '../rules/rule-file.ts'
import { bindPacks, type BindPacksInput } from './binding.ts'

const start = builtPair()
const requested = { rolePack: start.rolePack.pack, workUnitPack: start.workUnitPack.pack }
const previous_binding_id = boundAtStart(start).binding_id

function swap(pair: ReturnType<typeof builtPair>, change: Partial<BindPacksInput> = {}) {
  return bindPacks(
    bindingInput(pair, { reason: 'model_swap', requested, previous_binding_id, swap_request_id: 'swap-1', ...change }),
  )
}

describe('at job start', () => {
  const { binding, status } = bindPacks(bindingInput(start))

  test('requested and effective packs are the same', () => {
    expect(status).toBe('bound')
    expect(ContextPackBinding.parse(binding)).toEqual(binding)
    expect(binding).toMatchObject({
      assembly: 'built',
      constraint_check: 'equal',
      delta_paths: [],
      previous_binding_id: null,
      role_pack: { requested_hash: start.rolePack.pack.pack_hash, effective_hash: start.rolePack.pack.pack_hash },
    })
  })

  test('a repeated step writes the same binding', () => {
    const later = { now: () => 1_900_000_000_000, monotonic: () => 0 }
    expect(bindPacks(bindingInput(start, { clock: later })).binding.binding_id).toBe(binding.binding_id)
    expect(bindPacks(bindingInput(start, { session_id: 'other' })).binding.binding_id).not.toBe(binding.binding_id)
  })

  test.each<[string, Partial<BindPacksInput>]>([
    ['PACK_MISSING', { rolePack: undefined }],
    ['PACK_MISSING', { workUnitPack: undefined }],
    ['PACK_INVALID', { previous_binding_id }],
    ['PACK_ROLE_MISMATCH', { identity: { ...bindingInput(start).identity, role: 'reviewer' } }],
    ['PACK_WORK_UNIT_MISMATCH', { identity: { ...bindingInput(start).identity, mt_id: 'MT-002' } }],
    ['PACK_WORK_UNIT_MISMATCH', { identity: { ...bindingInput(start).identity, wp_id: null } }],
    ['PACK_HASH_MISMATCH', { rolePack: builtPair({ capabilities: [] }).rolePack }],
  ])('%s', (code, change) => {
    expect(() => bindPacks(bindingInput(start, change))).toThrow(expect.objectContaining({ code }))
  })
})

describe('T-X-CP-09 a swap', () => {
  test('with identical packs is recorded as such', () => {
    expect(swap(builtPair())).toMatchObject({
      status: 'bound',
      binding: {
        assembly: 'reused_identical',
        constraint_check: 'equal',
        delta_paths: [],
        previous_binding_id,
        swap_request_id: 'swap-1',
      },
    })
  })

  test('that adds a rule is tightened, and says where the packs differ', () => {
    const more = parseRules(new TextEncoder().encode('- NEVER guess\n'), 'EXTRA.md')
    const tightened = swap(
      builtPair({ rules: [...ruleFile.rules, ...more.rules], governedSources: [ruleFile.source, more.source] }),
    )
    expect(tightened).toMatchObject({
      status: 'bound',
      binding: {
        assembly: 'rebuilt',
        constraint_check: 'tightened',
        delta_paths: ['/role_pack/sources', '/role_pack/strict_rules'],
      },
    })
  })

  const { lockKeys, verification_contract, allowed_tools, in_scope_paths } = builtInput()
  test.each<[string, Partial<RolePackInput>, Partial<WorkUnitPackInput>]>([
    ['a tool less', { allowed_tools: [{ tool_id: 'fs.read', side_effect: 'READ' }] }, {}],
    ['a denied tool more', { denied_tools: ['shell', 'net'] }, {}],
    ['stricter governance', { governance_mode: 'gov_strict' }, {}],
    ['a more human level', { automation_level: 'FULL_HUMAN' }, {}],
    ['a narrower scope', {}, { in_scope_paths: ['src/a.ts', 'src/b.ts', 'docs/guide.md'] }],
    ['a pattern inside its scope', {}, { in_scope_paths: [...in_scope_paths, 'src/**/*.md'] }],
    ['a file that a pattern took in', {}, { in_scope_paths: ['src/', 'docs/guide.md'] }],
    [
      'a check put before the others',
      {},
      {
        verification_contract: {
          ...verification_contract,
          verify: [
            { command: 'node --check', expect: 'exit_0', timeout_ms: 1000, blocking: true },
            ...verification_contract.verify,
          ],
          done: verification_contract.done.map((criterion) => ({ ...criterion, verify_ref: 1 })),
        },
      },
    ],
    ['another check more', {}, { verification_contract: { ...verification_contract, required_gates: ['review'] } }],
    ['no tools', {}, { allowed_tools: [] }],
  ])('with %s is tightened', (_, role, workUnit) => {
    expect(swap(builtPair(role, workUnit))).toMatchObject({
      status: 'bound',
      binding: { constraint_check: 'tightened' },
    })
  })

  test.each<[string, Partial<RolePackInput>, Partial<WorkUnitPackInput>]>([
    ['strict_rules', { rules: ruleFile.rules.filter(({ text }) => !text.startsWith('NEVER')) }, {}],
    ['strict_rules', { rules: ruleFile.rules.map((rule) => ({ ...rule, severity: 'soft' })) }, {}],
    ['allowed_tools', { allowed_tools: [...allowedTools(), { tool_id: 'net', side_effect: 'READ' }] }, {}],
    [
      'allowed_tools',
      { allowed_tools: allowedTools().map((tool) => ({ ...tool, tool_version: '2' })) },
      { allowed_tools: [] },
    ],
    [
      'work unit allowed_tools',
      {},
      { allowed_tools: [...allowed_tools, { tool_id: 'fs.write', side_effect: 'WRITE' }] },
    ],
    ['denied_tools', { denied_tools: [] }, {}],
    ['capabilities', { capabilities: ['fs.read', 'fs.write', 'net'] }, {}],
    ['governance_mode', { governance_mode: 'gov_light' }, {}],
    ['automation_level', { automation_level: 'AUTONOMOUS' }, {}],
    ['automation_level', { automation_level: 'LOCKED' }, {}],
    ['lock_keys', {}, { lockKeys: [...lockKeys, 'src/new.ts'] }],
    ['in_scope_paths', {}, { in_scope_paths: [...in_scope_paths, 'lib/'] }],
    ['in_scope_paths', {}, { in_scope_paths: [...in_scope_paths, '**/*.md'] }],
    ['in_scope_paths', {}, { in_scope_paths: [...in_scope_paths, 'docs/**'] }],
    ['in_scope_paths', {}, { in_scope_paths: [...in_scope_paths, 'docs/other.md'] }],
    ['verify', {}, { verification_contract: { ...verification_contract, verify: [], done: [] } }],
    ['required_validators', {}, { verification_contract: { ...verification_contract, required_validators: [] } }],
  ])('that weakens %s is rejected', (field, role, workUnit) => {
    const rejected = swap(builtPair(role, workUnit))
    expect(rejected).toMatchObject({
      status: 'rejected',
      code: 'PACK_CONSTRAINTS_WEAKENED',
      binding: { constraint_check: 'rejected' },
      weakened: expect.arrayContaining([expect.stringMatching(new RegExp(`^${field}: `))]),
    })
    expect(ContextPackBinding.parse(rejected.binding)).toEqual(rejected.binding)
  })

  test('from LOCKED or FULL_HUMAN never relaxes', () => {
    for (const automation_level of ['LOCKED', 'FULL_HUMAN'] as const) {
      const before = builtPair({ automation_level })
      const pair = { rolePack: before.rolePack.pack, workUnitPack: before.workUnitPack.pack }
      for (const other of ['LOCKED', 'FULL_HUMAN', 'HYBRID', 'AUTONOMOUS'] as const) {
        const after = swap(builtPair({ automation_level: other }), { requested: pair })
        expect([automation_level, other, after.status]).toEqual([
          automation_level,
          other,
          other === automation_level ? 'bound' : 'rejected',
        ])
      }
    }
  })

  test('needs the packs that were requested', () => {
    const { requested: _, ...input } = bindingInput(start, { reason: 'escalation', previous_binding_id, requested })
    expect(() => bindPacks(input)).toThrow(expect.objectContaining({ code: 'PACK_MISSING' }))
  })

  test('cannot claim that changed packs were reused', () => {
    expect(() => swap(builtPair({ denied_tools: ['net', 'shell'] }), { assembly: 'reused_identical' })).toThrow(
      expect.objectContaining({ code: 'PACK_INVALID' }),
    )
  })

  test('a change of the task text is visible although no constraint changed', () => {
    const { binding } = swap(
      builtPair({}, { task: { title: 'Other', scope: 'Add two numbers.', actions: ['write add', 'other'] } }),
    )
    expect(binding).toMatchObject({
      constraint_check: 'equal',
      delta_paths: ['/work_unit_pack/task/actions/1', '/work_unit_pack/task/title'],
    })
  })
})

function allowedTools() {
  return requested.rolePack.allowed_tools
}

function builtInput() {
  const { lock_set, verification_contract, allowed_tools, in_scope_paths } = requested.workUnitPack
  return { lockKeys: lock_set.lock_keys, verification_contract, allowed_tools, in_scope_paths }
}
