import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { builtPair, roleInput, workUnitInput } from '../../test/governed.ts'
import { CANARIES, memoryStore } from '../../test/support.ts'
import { buildRolePack } from './role-pack.ts'
import { buildWorkUnitPack, verifyWorkUnitPack, type WorkUnitPackInput } from './work-unit-pack.ts'

fc.configureGlobal({ seed: 20_260_212 })

const rolePack = buildRolePack(roleInput()).pack

function build(change: Partial<WorkUnitPackInput> = {}) {
  return buildWorkUnitPack(workUnitInput(rolePack, change))
}

function expectRefused(code: string, change: Partial<WorkUnitPackInput>): void {
  const store = memoryStore()
  expect(() => build({ ...change, store })).toThrow(expect.objectContaining({ name: 'PackError', code }))
  expect(store.objects.size).toBe(0)
}

test('T-X-CP-01 shuffled lists give the same hash', () => {
  const { pack } = build()
  const input = workUnitInput(rolePack)
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...input.in_scope_paths], { minLength: 2 }),
      fc.shuffledSubarray([...input.lockKeys], { minLength: 3 }),
      fc.shuffledSubarray(['docs/guide.md', 'src/b.ts'], { minLength: 2 }),
      (in_scope_paths, lockKeys, modify) => {
        const again = build({ in_scope_paths, lockKeys, files: { ...input.files, modify } }).pack
        expect(again.pack_hash).toBe(pack.pack_hash)
        expect(again.pack_id).toBe(pack.pack_id)
      },
    ),
  )
})

test('takes role, mode and level from the role pack it was assembled against', () => {
  expect(build().pack).toMatchObject({
    role_id: 'worker',
    role_pack_hash: rolePack.pack_hash,
    governance_mode: 'gov_standard',
    automation_level: 'HYBRID',
    lock_set: {
      lock_keys: ['docs/guide.md', 'src/a.ts', 'src/b.ts'],
      owner: { role: 'worker', wp_id: 'WP-1', mt_id: 'MT-001' },
    },
  })
})

describe('T-X-CP-03 and T-X-CP-04 paths', () => {
  test.each(['C:\\a', 'C:/a', '\\\\host\\a', '/etc/a', '~/a', '../a', 'src/../a', 'file:///a', 'e\u0301.ts'])(
    '%s is refused in every path field',
    (path) => {
      const { files } = workUnitInput(rolePack)
      expectRefused('PACK_ABSOLUTE_PATH', { in_scope_paths: ['src/', path] })
      for (const change of [
        { lockKeys: [path] },
        { files: { ...files, read: [path] } },
        { files: { ...files, modify: [path] } },
        { files: { ...files, create: [path] } },
      ]) {
        expect(() => build(change)).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^PACK_(?:ABSOLUTE_PATH|INVALID)$/) }),
        )
      }
    },
  )

  test('absolute paths in text are redacted; in a command they are refused', () => {
    const { pack } = build({ task: { title: 'Fix /home/anna/x', scope: 'a', actions: ['open C:\\x\\y'] } })
    expect(pack.task).toEqual({
      title: 'Fix [REDACTED:path:path_absolute]',
      scope: 'a',
      actions: ['open [REDACTED:path:path_absolute]'],
    })
    expect(pack.redactions.map(({ location }) => location)).toEqual(['/task/actions/0', '/task/title'])
    expectRefused('PACK_ABSOLUTE_PATH', verify('/home/anna/bin/check'))
  })

  test('governance text is neither read nor referred to', () => {
    const { files } = workUnitInput(rolePack)
    expectRefused('PACK_RUNTIME_READ_REF', { files: { ...files, read: ['.GOV/codex.md'] } })
    expectRefused('PACK_RUNTIME_READ_REF', { in_scope_paths: ['src/', 'docs/*.md', '.GOV/'] })
    expectRefused('PACK_RUNTIME_READ_REF', {
      sources: [{ source_id: 'file:docs/task.md', source_hash: 'a'.repeat(64) }],
    })
    const target = '["source_ref","span","file:.GOV/x",null,null]'
    expectRefused('PACK_RUNTIME_READ_REF', {
      context_pack_refs: [{ target, payload_hash: 'a'.repeat(64), source_hashes: [] }],
    })
  })
})

describe('what is granted', () => {
  const { files } = workUnitInput(rolePack)
  test.each<[string, string, Partial<WorkUnitPackInput>]>([
    [
      'a file outside the scope',
      'PACK_SCOPE_VIOLATION',
      { files: { ...files, modify: ['lib/x.ts'] }, lockKeys: ['lib/x.ts', 'src/a.ts'] },
    ],
    ['a file without a lock', 'PACK_SCOPE_VIOLATION', { files: { ...files, create: ['src/z.ts'] } }],
    [
      'a tool the role does not have',
      'PACK_SCOPE_VIOLATION',
      { allowed_tools: [{ tool_id: 'net', side_effect: 'READ' }] },
    ],
    [
      'a tool with more effect',
      'PACK_SCOPE_VIOLATION',
      { allowed_tools: [{ tool_id: 'fs.read', side_effect: 'WRITE' }] },
    ],
    [
      'more tokens than the budget',
      'PACK_BUDGET_EXCEEDED',
      { context_payload: { ...workUnitInput(rolePack).context_payload, token_budget: 100 } },
    ],
    ['a micro-task without id', 'PACK_WORK_UNIT_MISMATCH', { work_unit: { kind: 'mt', wp_id: 'WP-1', mt_id: null } }],
    [
      'a work packet with one',
      'PACK_WORK_UNIT_MISMATCH',
      { work_unit: { kind: 'wp', wp_id: 'WP-1', mt_id: 'MT-001' } },
    ],
    ['a criterion that refers to nothing', 'PACK_INVALID', done({ verify_ref: 1 })],
    ['an automated criterion without a check', 'PACK_INVALID', done({})],
    ['a pattern that is missing', 'PACK_INVALID', verify('node --test', 'contains')],
    ['two packs for one target', 'PACK_INVALID', twoRefs()],
  ])('%s is refused', (_, code, change) => {
    expectRefused(code, change)
  })

  test('a denied tool wins over an allowed one', () => {
    const denying = buildRolePack(roleInput({ denied_tools: ['fs.read'] })).pack
    expect(() => buildWorkUnitPack(workUnitInput(denying))).toThrow(
      expect.objectContaining({ code: 'PACK_SCOPE_VIOLATION' }),
    )
  })

  test('locks cover what is below them, patterns what they match', () => {
    const { pack } = build({
      in_scope_paths: ['src/**/*.ts', 'a?.md'],
      lockKeys: ['src', 'ab.md'],
      files: { read: [], modify: ['src/deep/er/x.ts', 'src/y.ts'], create: ['ab.md'] },
    })
    expect(pack.files.create).toEqual(['ab.md'])
    expectRefused('PACK_SCOPE_VIOLATION', {
      in_scope_paths: ['src/*.ts'],
      lockKeys: ['src'],
      files: { read: [], modify: ['src/a/b.ts'], create: [] },
    })
  })

  test('a hostile pattern takes no time', () => {
    const start = process.threadCpuUsage()
    expectRefused('PACK_SCOPE_VIOLATION', {
      in_scope_paths: [`${'a*'.repeat(500)}b`, `${'**/'.repeat(500)}b`],
      lockKeys: ['src'],
      files: { read: [], modify: [`src/${'a/'.repeat(500)}${'a'.repeat(1000)}`], create: [] },
    })
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(2000)
  })
})

describe('secrets', () => {
  test('are redacted in text, refused in commands', () => {
    const secret = CANARIES['secret_aws'] ?? ''
    const { pack } = build({ task: { title: 't', scope: `use ${secret}`, actions: ['a'] } })
    expect(pack.task.scope).toBe('use [REDACTED:aws:secret_aws]')
    expectRefused('PACK_SECRET_DETECTED', verify(`deploy ${secret}`))
  })
})

describe('reading a work-unit pack', () => {
  const store = memoryStore()
  const { pack, artifact } = build({ store })
  const bytes = store.get(artifact.content_hash)

  test('gives what was built', () => {
    expect(verifyWorkUnitPack(bytes, { rolePack })).toEqual(pack)
  })

  test.each([
    ['PACK_ROLE_MISMATCH', { role_id: 'reviewer' }],
    ['PACK_HASH_MISMATCH', { capabilities: [] }],
    ['PACK_HASH_MISMATCH', { governance_mode: 'gov_strict' as const }],
  ])('%s against another role pack', (code, change) => {
    const other = buildRolePack(roleInput(change)).pack
    expect(() => verifyWorkUnitPack(bytes, { rolePack: other })).toThrow(expect.objectContaining({ code }))
  })

  test('a mode that differs from its role pack is refused even when the hash does not show it', () => {
    const claimed = { ...rolePack, governance_mode: 'gov_strict' as const }
    expect(() => verifyWorkUnitPack(bytes, { rolePack: claimed })).toThrow(
      expect.objectContaining({ code: 'PACK_GOVERNANCE_MISMATCH' }),
    )
  })
})

test('both packs together hold no secret, whatever canary stands in their texts', () => {
  for (const secret of Object.values(CANARIES)) {
    const { workUnitPack } = builtPair(
      {},
      { task: { title: 'a', scope: secret.replaceAll('\n', ' '), actions: [secret.split('\n')[0] ?? ''] } },
    )
    for (const piece of secret.split('\n')) expect(JSON.stringify(workUnitPack)).not.toContain(piece)
  }
})

function verify(command: string, expectation: 'exit_0' | 'contains' = 'exit_0'): Partial<WorkUnitPackInput> {
  const { verification_contract } = workUnitInput(rolePack)
  return {
    verification_contract: {
      ...verification_contract,
      verify: [{ command, expect: expectation, timeout_ms: 1000, blocking: true }],
    },
  }
}

function done(criterion: { readonly verify_ref?: number }): Partial<WorkUnitPackInput> {
  const { verification_contract } = workUnitInput(rolePack)
  return {
    verification_contract: {
      ...verification_contract,
      done: [{ description: 'd', verification: 'automated', ...criterion }],
    },
  }
}

function twoRefs(): Partial<WorkUnitPackInput> {
  const { context_pack_refs } = workUnitInput(rolePack)
  return {
    context_pack_refs: [
      ...context_pack_refs,
      ...context_pack_refs.map((ref) => ({ ...ref, payload_hash: 'b'.repeat(64) })),
    ],
  }
}
