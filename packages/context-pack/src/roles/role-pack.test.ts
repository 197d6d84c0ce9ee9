import { canonicalHash, canonicalize, uuidFromHash } from '@ctxlock/core-hash'
import type { StrictRule } from '@ctxlock/contracts/packs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { roleInput, ruleFile } from '../../test/governed.ts'
import { CANARIES, memoryStore, tokenCounter } from '../../test/support.ts'
import { parseRules } from '../rules/rule-file.ts'
import { buildRolePack, verifyRolePack, type RolePackInput } from './role-pack.ts'

fc.configureGlobal({ seed: 20_260_212 })

function rulesOf(text: string): Pick<RolePackInput, 'rules' | 'governedSources'> {
  const file = parseRules(new TextEncoder().encode(text), 'AGENTS.md')
  return { rules: file.rules, governedSources: [file.source] }
}

/** Expects a refusal with this code and that nothing was written. */
function expectRefused(code: string, change: Partial<RolePackInput>): unknown {
  const store = memoryStore()
  let thrown: unknown
  try {
    buildRolePack(roleInput({ ...change, store }))
  } catch (error) {
    thrown = error
  }
  expect(thrown).toMatchObject({ name: 'PackError', code })
  expect(store.objects.size).toBe(0)
  return thrown
}

describe('T-X-CP-01', () => {
  test('shuffled lists, another time and another store give the same hash and id', () => {
    const { pack } = buildRolePack(roleInput())
    const input = roleInput()
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...input.protocol_refs], { minLength: 2 }),
        fc.shuffledSubarray([...input.allowed_tools], { minLength: 2 }),
        fc.shuffledSubarray([...input.capabilities], { minLength: 2 }),
        fc.shuffledSubarray([...input.rules], { minLength: 3 }),
        (protocol_refs, allowed_tools, capabilities, rules) => {
          const clock = { now: () => 1_900_000_000_000, monotonic: () => 0 }
          const again = buildRolePack(roleInput({ protocol_refs, allowed_tools, capabilities, rules, clock })).pack
          expect(again.pack_hash).toBe(pack.pack_hash)
          expect(again.pack_id).toBe(pack.pack_id)
          expect(again.created_at).not.toBe(pack.created_at)
        },
      ),
    )
  })

  test('any other content gives another hash', () => {
    const { pack } = buildRolePack(roleInput())
    for (const change of [
      { role_id: 'other' },
      { denied_tools: [] },
      { automation_level: 'LOCKED' as const },
      rulesOf('- NEVER x\n'),
    ]) {
      expect(buildRolePack(roleInput(change)).pack.pack_hash).not.toBe(pack.pack_hash)
    }
  })
})

describe('rules', () => {
  test('T-X-CP-07 301 tokens with a limit of 300 are refused whole, naming the heaviest', () => {
    const text = (tokens: number, word: string) => `- NEVER ${word}${'x'.repeat(tokens * 4 - 6 - word.length)}\n`
    // Three rules of 100 tokens and two line feeds are 1202 code points: 301 tokens.
    const over = rulesOf(text(100, 'a') + text(100, 'b') + text(100, 'c'))
    const error = expectRefused('PACK_BUDGET_EXCEEDED', over)
    expect(String(error)).toMatch(
      /need 301 tokens .* 300 are allowed .* R-[0-9A-F]{12} 100 \(file:AGENTS.md lines:\d-\d\)/,
    )
    const fits = rulesOf(text(100, 'a') + text(100, 'b') + text(99, 'c'))
    expect(buildRolePack(roleInput(fits)).pack.strict_rules.map(({ text: rule }) => rule.length)).toHaveLength(3)
    expect(buildRolePack(roleInput({ ...over, strictRulesMaxTokens: 301 })).pack.strict_rules_max_tokens).toBe(301)
  })

  test('600 is the ceiling', () => {
    expectRefused('PACK_BUDGET_EXCEEDED', { strictRulesMaxTokens: 601 })
    expect(buildRolePack(roleInput({ strictRulesMaxTokens: 600 })).pack.strict_rules_max_tokens).toBe(600)
  })

  test('come from governed sources only', () => {
    const [first] = ruleFile.rules
    if (!first) throw new Error('no rule')
    const from = (source_refs: StrictRule['source_refs']) => ({ rules: [{ ...first, source_refs }] })
    expectRefused('PACK_UNGOVERNED_RULE', from([]))
    expectRefused(
      'PACK_UNGOVERNED_RULE',
      from([{ kind: 'span', id: 'file:README.md', hash: 'a'.repeat(64), selector: 'lines:1-1' }]),
    )
    expectRefused('PACK_UNGOVERNED_RULE', from([{ kind: 'span', id: 'file:AGENTS.md', selector: 'lines:1-1' }]))
    expectRefused('PACK_UNGOVERNED_RULE', { governedSources: [{ ...ruleFile.source, source_hash: 'a'.repeat(64) }] })
    expectRefused('PACK_UNGOVERNED_RULE', { governedSources: [] })
  })

  test('that are hard need a registered anchor', () => {
    expectRefused('PACK_UNKNOWN_ANCHOR', { anchors: { has: () => false } })
    const anchored = (anchor_ref: string) => ({ rules: ruleFile.rules.map((rule) => ({ ...rule, anchor_ref })) })
    for (const anchor of ['', 'RID:', 'rid:a', 'TASK:1', 'RID:a b'])
      expectRefused(anchor === '' ? 'PACK_INVALID' : 'PACK_UNKNOWN_ANCHOR', anchored(anchor))
  })

  test('there has to be one', () => {
    expectRefused('PACK_INVALID', { rules: [] })
  })

  test('one id cannot have two texts', () => {
    const [first] = ruleFile.rules
    if (!first) throw new Error('no rule')
    expectRefused('PACK_INVALID', { rules: [first, { ...first, text: 'MUST other' }] })
  })
})

describe('secrets and paths', () => {
  test('a secret in a rule is refused, not redacted', () => {
    expectRefused('PACK_SECRET_DETECTED', rulesOf(`- NEVER use ${CANARIES['secret_aws']}\n`))
  })

  test('a secret in any other field is refused', () => {
    expectRefused('PACK_SECRET_DETECTED', { policy_profile_id: CANARIES['secret_aws'] ?? '' })
    expectRefused('PACK_SECRET_DETECTED', { capabilities: [CANARIES['secret_api_key'] ?? ''] })
  })

  test('addresses and absolute paths in a rule are redacted where they are', () => {
    const { pack } = buildRolePack(roleInput(rulesOf('- NEVER write to /etc/passwd or mail a@example.org\n')))
    expect(pack.strict_rules[0]?.text).toBe(
      'NEVER write to [REDACTED:path:path_absolute] or mail [REDACTED:pii:pii_email]',
    )
    expect(pack.redactions).toEqual([
      { location: '/strict_rules/0/text', category: 'path', detector_id: 'path_absolute', count: 1 },
      { location: '/strict_rules/0/text', category: 'pii', detector_id: 'pii_email', count: 1 },
    ])
  })

  test.each(['.GOV/codex.md', 'docs/protocol.md', 'file:docs/rules.md', 'file:.GOV/x'])(
    'T-X-CP-04 a reference to %s is refused',
    (ref_id) => {
      expectRefused('PACK_RUNTIME_READ_REF', {
        protocol_refs: [{ ref_id, version: '1', content_hash: 'a'.repeat(64) }],
      })
      expectRefused('PACK_RUNTIME_READ_REF', {
        governedSources: [ruleFile.source, { source_id: ref_id, source_hash: 'a'.repeat(64) }],
      })
    },
  )
})

describe('reading a role pack', () => {
  const store = memoryStore()
  const { pack, artifact } = buildRolePack(roleInput({ store }))
  const bytes = store.get(artifact.content_hash)

  test('gives what was built; nothing else is needed to use it', () => {
    expect(verifyRolePack(bytes)).toEqual(pack)
    expect(verifyRolePack(bytes, { ...roleInput() })).toEqual(pack)
  })

  test('every flipped byte is refused', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
        const flipped = Uint8Array.from(bytes)
        flipped[index] = (flipped[index] ?? 0) ^ change
        // Only the time lies outside the hash; the bytes as a whole are pinned by the artifact hash.
        try {
          const { created_at: _, ...read } = verifyRolePack(flipped)
          const { created_at: __, ...own } = pack
          expect(read).toEqual(own)
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^PACK_(?:INVALID|HASH_MISMATCH)$/) })
        }
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['an unknown field', { extra: true }, 'PACK_INVALID'],
    ['another id', { pack_id: '00000000-0000-8000-8000-000000000001' }, 'PACK_HASH_MISMATCH'],
    ['another hash', { pack_hash: 'a'.repeat(64) }, 'PACK_HASH_MISMATCH'],
    ['one rule less', { strict_rules: pack.strict_rules.slice(1) }, 'PACK_HASH_MISMATCH'],
  ])('%s is refused', (_, change, code) => {
    const changed = new TextEncoder().encode(canonicalize({ ...pack, ...change }))
    expect(() => verifyRolePack(changed)).toThrow(expect.objectContaining({ code }))
  })

  test('a pack of somebody who hashes correctly but sorts wrongly is refused', () => {
    const foreign = (body: object) => ({ ...body })
    const { pack_hash: _, pack_id: __, created_at: ___, ...body } = pack
    expect(() => reseal({ ...foreign(body), capabilities: ['z', 'a'] })).toThrow(
      expect.objectContaining({ code: 'PACK_INVALID' }),
    )
    expect(() => reseal({ ...foreign(body), strict_rules: [...pack.strict_rules].reverse() })).toThrow(
      expect.objectContaining({ code: 'PACK_INVALID' }),
    )
    expect(reseal(body)).toMatchObject({ pack_hash: pack.pack_hash })
  })

  test("its own checks run again with the reader's ports", () => {
    const tight = { id: 'tight@1', count: () => 301 }
    expect(() => verifyRolePack(bytes, { tokenCounter: tight })).toThrow(
      expect.objectContaining({ code: 'PACK_BUDGET_EXCEEDED' }),
    )
    expect(() => verifyRolePack(bytes, { anchors: { has: () => false } })).toThrow(
      expect.objectContaining({ code: 'PACK_UNKNOWN_ANCHOR' }),
    )
    expect(verifyRolePack(bytes, { tokenCounter })).toEqual(pack)
  })
})

function reseal(body: object) {
  const pack_hash = canonicalHash(body)
  const sealed = { ...body, pack_hash, pack_id: uuidFromHash(pack_hash), created_at: '2026-01-01T00:00:00.000Z' }
  return verifyRolePack(new TextEncoder().encode(canonicalize(sealed)))
}
