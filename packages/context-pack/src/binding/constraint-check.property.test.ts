// CP-054 as a property: whatever two packs look like, one step that takes a restriction away is refused, and one that adds a
// restriction is accepted. Each step knows which clause it belongs to.
import type { StrictRule, WorkUnitContextPack } from '@ctxlock/contracts/packs'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { builtPair } from '../../test/governed.ts'
import { checkConstraints, type PackPair } from './constraint-check.ts'

fc.configureGlobal({ seed: 20_261_121 })

const built = builtPair()
const [firstRule] = built.rolePack.pack.strict_rules
if (!firstRule) throw new Error('the fixture has no rule')
const rule = (name: string, severity: StrictRule['severity'] = 'hard'): StrictRule => ({
  ...firstRule,
  rule_id: name,
  severity,
  text: `You MUST ${name}`,
})
const tool = (tool_id: string) => ({ tool_id, side_effect: 'READ' as const })
const verify = (command: string) => ({ command, expect: 'exit_0' as const, timeout_ms: 1000, blocking: true })

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 })
const pair: fc.Arbitrary<PackPair> = fc
  .record({
    rules: names,
    soft: names,
    denied: names,
    tools: names,
    capabilities: names,
    locks: names,
    checks: names,
    gates: names,
    validators: names,
    mode: fc.constantFrom('gov_standard' as const),
    level: fc.constantFrom('HYBRID' as const),
  })
  .map(({ rules, soft, denied, tools, capabilities, locks, checks, gates, validators, mode, level }) => ({
    rolePack: {
      ...built.rolePack.pack,
      strict_rules: [...rules.map((name) => rule(name)), ...soft.map((name) => rule(`soft-${name}`, 'soft'))],
      denied_tools: denied.map((name) => `denied-${name}`),
      allowed_tools: tools.map(tool),
      capabilities,
      governance_mode: mode,
      automation_level: level,
    },
    workUnitPack: {
      ...built.workUnitPack.pack,
      allowed_tools: tools.map(tool),
      in_scope_paths: locks.map((name) => `src/${name}`),
      lock_set: { ...built.workUnitPack.pack.lock_set, lock_keys: locks.map((name) => `src/${name}`) },
      verification_contract: {
        verify: checks.map(verify),
        done: checks.map((_, index) => ({ description: 'd', verification: 'automated' as const, verify_ref: index })),
        required_gates: gates,
        required_validators: validators,
      },
    },
  }))

type Step = (pair: PackPair, pick: number) => PackPair
type Contract = WorkUnitContextPack['verification_contract']

const inRole =
  (change: (pack: PackPair['rolePack'], pick: number) => Partial<PackPair['rolePack']>): Step =>
  (before, pick) => ({ ...before, rolePack: { ...before.rolePack, ...change(before.rolePack, pick) } })
const inUnit =
  (change: (pack: WorkUnitContextPack, pick: number) => Partial<WorkUnitContextPack>): Step =>
  (before, pick) => ({ ...before, workUnitPack: { ...before.workUnitPack, ...change(before.workUnitPack, pick) } })
const inContract = (change: (contract: Contract, pick: number) => Partial<Contract>): Step =>
  inUnit(({ verification_contract }, pick) => ({
    verification_contract: { ...verification_contract, ...change(verification_contract, pick) },
  }))
const lockKeys = (change: (keys: readonly string[], pick: number) => string[]): Step =>
  inUnit(({ lock_set }, pick) => ({ lock_set: { ...lock_set, lock_keys: change(lock_set.lock_keys, pick) } }))

const without = <Item>(items: readonly Item[], pick: number): Item[] =>
  items.filter((_, index) => index !== pick % items.length)
const picked = <Item>(items: readonly Item[], pick: number, change: (item: Item) => Item): Item[] =>
  items.map((item, index) => (index === pick % items.length ? change(item) : item))
const hardFirst = (rules: readonly StrictRule[]) => rules.toSorted((a, b) => (a.severity < b.severity ? -1 : 1))
const hardCount = (rules: readonly StrictRule[]) => rules.filter(({ severity }) => severity === 'hard').length

const WEAKENINGS: Readonly<Record<string, readonly [clause: string, step: Step]>> = {
  'drop a hard rule': [
    'strict_rules',
    inRole(({ strict_rules }, pick) => ({
      strict_rules: without(hardFirst(strict_rules), pick % hardCount(strict_rules)),
    })),
  ],
  'soften a hard rule': [
    'strict_rules',
    inRole(({ strict_rules }, pick) => ({
      strict_rules: picked(hardFirst(strict_rules), pick % hardCount(strict_rules), (one) => ({
        ...one,
        severity: 'soft',
      })),
    })),
  ],
  'reword a hard rule': [
    'strict_rules',
    inRole(({ strict_rules }, pick) => ({
      strict_rules: picked(hardFirst(strict_rules), pick % hardCount(strict_rules), (one) => ({
        ...one,
        text: 'You may',
      })),
    })),
  ],
  'allow a tool': [
    'allowed_tools',
    inRole(({ allowed_tools }) => ({ allowed_tools: [...allowed_tools, tool('net')] })),
  ],
  'let a tool do more': [
    'allowed_tools',
    inRole(({ allowed_tools }, pick) => ({
      allowed_tools: picked(allowed_tools, pick, (one) => ({ ...one, side_effect: 'EXECUTE' })),
    })),
  ],
  'give the work unit a tool': [
    'work unit allowed_tools',
    inUnit(({ allowed_tools }) => ({ allowed_tools: [...allowed_tools, tool('net')] })),
  ],
  'grant a capability': ['capabilities', inRole(({ capabilities }) => ({ capabilities: [...capabilities, 'net'] }))],
  'no longer deny a tool': [
    'denied_tools',
    inRole(({ denied_tools = [] }, pick) => ({ denied_tools: without(denied_tools, pick) })),
  ],
  'lock another path': ['lock_keys', lockKeys((keys) => [...keys, 'lib'])],
  'lock a folder above': ['lock_keys', lockKeys((keys, pick) => picked(keys, pick, () => 'src'))],
  'widen the scope': [
    'in_scope_paths',
    inUnit(({ in_scope_paths }) => ({ in_scope_paths: [...in_scope_paths, 'lib/'] })),
  ],
  'widen the scope by a pattern': [
    'in_scope_paths',
    inUnit(({ in_scope_paths }, pick) => ({ in_scope_paths: picked(in_scope_paths, pick, () => 'src/*') })),
  ],
  'govern less strictly': ['governance_mode', inRole(() => ({ governance_mode: 'gov_light' }))],
  'ask people less': ['automation_level', inRole(() => ({ automation_level: 'AUTONOMOUS' }))],
  'drop a check': ['verify', inContract(({ verify: checks }, pick) => ({ verify: without(checks, pick), done: [] }))],
  'drop a criterion': ['done', inContract(({ done }, pick) => ({ done: without(done, pick) }))],
  'let a check pass quietly': [
    'verify',
    inContract(({ verify: checks }, pick) => ({
      verify: picked(checks, pick, (one) => ({ ...one, blocking: false })),
    })),
  ],
  'drop a gate': [
    'required_gates',
    inContract(({ required_gates }, pick) => ({ required_gates: without(required_gates, pick) })),
  ],
  'drop a validator': [
    'required_validators',
    inContract(({ required_validators }, pick) => ({ required_validators: without(required_validators, pick) })),
  ],
}

const TIGHTENINGS: Readonly<Record<string, Step>> = {
  'add a hard rule': inRole(({ strict_rules }) => ({ strict_rules: [...strict_rules, rule('more')] })),
  'harden a soft rule': inRole(({ strict_rules }, pick) => ({
    strict_rules: picked(
      hardFirst(strict_rules).reverse(),
      pick % (strict_rules.length - hardCount(strict_rules)),
      (one) => ({
        ...one,
        severity: 'hard',
      }),
    ),
  })),
  'take a tool away': inRole(({ allowed_tools }, pick) => ({ allowed_tools: without(allowed_tools, pick) })),
  'take a tool from the work unit': inUnit(({ allowed_tools }, pick) => ({
    allowed_tools: without(allowed_tools, pick),
  })),
  'take a capability away': inRole(({ capabilities }, pick) => ({ capabilities: without(capabilities, pick) })),
  'deny a tool': inRole(({ denied_tools = [] }) => ({ denied_tools: [...denied_tools, 'denied-more'] })),
  'unlock a path': lockKeys(without),
  'lock only a path below': lockKeys((keys, pick) => picked(keys, pick, (key) => `${key}/deep`)),
  'narrow the scope': inUnit(({ in_scope_paths }, pick) => ({
    in_scope_paths: picked(in_scope_paths, pick, (path) => `${path}/**/*.ts`),
  })),
  'leave the scope less': inUnit(({ in_scope_paths }, pick) => ({ in_scope_paths: without(in_scope_paths, pick) })),
  'govern more strictly': inRole(() => ({ governance_mode: 'gov_strict' })),
  'ask people more': inRole(() => ({ automation_level: 'FULL_HUMAN' })),
  'put a check before the others': inContract(({ verify: checks, done }) => ({
    verify: [verify('more'), ...checks],
    done: done.map(({ verify_ref = 0, ...one }) => ({ ...one, verify_ref: verify_ref + 1 })),
  })),
  'add a criterion': inContract(({ done }) => ({
    done: [...done, { description: 'more', verification: 'evidence_required' }],
  })),
  'add a gate': inContract(({ required_gates }) => ({ required_gates: [...required_gates, 'review'] })),
  'add a validator': inContract(({ required_validators }) => ({
    required_validators: [...required_validators, 'more'],
  })),
}

const pick = fc.nat(1000)

test.each(Object.entries(WEAKENINGS))('%s: refused, whatever else was tightened', (_, [clause, weaken]) => {
  const tightenings = fc.array(fc.constantFrom(...Object.values(TIGHTENINGS)), { maxLength: 3 })
  fc.assert(
    fc.property(pair, pick, tightenings, (requested, at, steps) => {
      const weakened = weaken(requested, at)
      expect(named(requested, weakened)).toContain(clause)
      // A step that tightens something else does not make up for it, unless it takes the very thing away again.
      const others = steps.reduce((current, step) => step(current, at), requested)
      const result = checkConstraints(others, weaken(others, at))
      expect(result.check === 'rejected' || JSON.stringify(weaken(others, at)) === JSON.stringify(others)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test.each(Object.entries(TIGHTENINGS))('%s: accepted', (_, tighten) => {
  fc.assert(
    fc.property(pair, pick, (requested, at) => {
      expect(checkConstraints(requested, tighten(requested, at))).toEqual({ check: 'tightened' })
    }),
    { numRuns: 60 },
  )
})

test('nothing changed is equal', () => {
  fc.assert(
    fc.property(pair, (requested) => {
      expect(checkConstraints(requested, requested)).toEqual({ check: 'equal' })
    }),
  )
})

function named(requested: PackPair, effective: PackPair): string[] {
  const result = checkConstraints(requested, effective)
  return result.check === 'rejected' ? result.weakened.map((entry) => entry.slice(0, entry.indexOf(':'))) : []
}
