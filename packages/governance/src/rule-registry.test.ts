import { describe, expect, it } from 'vitest'

import { textHash } from '@ctxlock/core-hash'

import { createRuleRegistry, isKnownAnchor } from './rule-registry.ts'

const rule = (anchor: string, text = anchor) => ({
  anchor,
  text_hash: textHash(text),
  source: { source_id: 'file:AGENTS.md', source_hash: 'a'.repeat(64), selector: 'lines:1-1' },
})

describe('createRuleRegistry (CP-044, VAL-022)', () => {
  it('knows what was registered, in any order, and nothing else', () => {
    const registry = createRuleRegistry([rule('RID:B-2'), rule('LAW:A.1')])
    expect(registry.rules.map(({ anchor }) => anchor)).toEqual(['LAW:A.1', 'RID:B-2'])
    expect(registry.hash).toBe(createRuleRegistry([rule('LAW:A.1'), rule('RID:B-2')]).hash)
    expect(registry.find('RID:B-2')?.text_hash).toBe(textHash('RID:B-2'))
    expect(isKnownAnchor(registry, 'LAW:A.1')).toBe(true)
    expect(createRuleRegistry([]).has('LAW:A.1')).toBe(false)
  })

  it.each([
    'RID:A.1',
    'LAW:A.1 ',
    'law:A.1',
    'LAW:',
    'LAW:a',
    '',
    'constructor',
    '__proto__',
    undefined,
    null,
    7,
    ['LAW:A.1'],
  ])('does not know %j', (anchor) => {
    const registry = createRuleRegistry([rule('LAW:A.1')])
    expect(isKnownAnchor(registry, anchor)).toBe(false)
  })

  it('changes its hash with any rule, text or source', () => {
    const base = createRuleRegistry([rule('LAW:A')]).hash
    const moved = { ...rule('LAW:A'), source: { ...rule('LAW:A').source, source_hash: 'b'.repeat(64) } }
    expect(
      new Set([base, createRuleRegistry([rule('LAW:A', 'other')]).hash, createRuleRegistry([moved]).hash]).size,
    ).toBe(3)
  })

  it.each([
    ['one anchor twice', [rule('LAW:A'), rule('LAW:A', 'another text')]],
    ['an anchor of another form', [rule('RULE:A')]],
    ['an anchor in lower case', [rule('LAW:a')]],
    ['a rule without a hash', [{ anchor: 'LAW:A', source: rule('LAW:A').source }]],
    ['a rule that carries its text', [{ ...rule('LAW:A'), text: 'Never.' }]],
    ['nothing', [null]],
  ])('refuses %s', (_, rules) => {
    expect(() => createRuleRegistry(rules)).toThrowError(expect.objectContaining({ code: 'RULES_INVALID' }))
  })
})
